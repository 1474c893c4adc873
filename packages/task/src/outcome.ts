import type { Tier } from './task.ts';

/** How an attempt ended. The remedy of each is a table in `@errand/planner` (`outcomes.ts`). */
export type Outcome =
  | 'done'
  | 'failed'
  | 'timed-out'
  | 'stalled'
  | 'rate-limited'
  | 'unavailable'
  | 'auth'
  | 'refused'
  | 'over-budget'
  | 'blocked'
  | 'lost'
  /** Given back because its worker was shut down: not counted as a try, due at once. */
  | 'stopped'
  | 'cancelled'
  | 'fenced';

/** What models read and wrote. */
export interface Tokens {
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
}

/** One execution of a task by one worker, spelled as it stands in records and results. */
export interface AttemptEntry {
  /** Counts every execution of the task from 1, also the uncounted ones. */
  attempt: number;
  worker: string;
  agent: string;
  model?: string;
  tier?: Tier;
  tier_reason?: string;
  /** ISO 8601, UTC. */
  started_at?: string;
  ended_at: string;
  outcome: Outcome;
  /** One plain sentence: the evidence, e.g. `exit status 3`. */
  cause?: string;
  exit_code?: number;
  /** US dollars, of this attempt alone. */
  cost_usd?: number;
  /** The attempt died before its CLI said what it cost: `cost_usd` is worked out from tokens and list prices. */
  cost_estimated?: true;
  turns?: number;
  tokens?: Tokens;
  /** The agent's session, which a later attempt may go on with. */
  session?: string;
  /** The branch of the task's repository that it worked on, and what it made, oldest first (hex). */
  branch?: string;
  commits?: string[];
  /** Blob of the task file that this attempt ran. Tries are counted per blob. */
  task: string;
  /** Equal uncounted attempts in a row are one entry with this count (absent means 1). */
  count?: number;
}
