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
  /** Blob of the task file that this attempt ran. Tries are counted per blob. */
  task: string;
  /** Equal uncounted attempts in a row are one entry with this count (absent means 1). */
  count?: number;
}
