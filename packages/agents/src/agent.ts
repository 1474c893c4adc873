import type { AttemptEntry, Outcome, Task, Tier } from '@errand/task';

/** What an adapter needs to know to start one attempt. */
export interface AgentRequest {
  id: string;
  attempt: number;
  task: Task;
  tier: Tier;
  model: string;
}

/** How to start one CLI: argv, its part of the environment, and what it reads on standard input (closed after). */
export interface AgentCommand {
  argv: readonly [string, ...string[]];
  env: { readonly [name: string]: string };
  stdin: string;
}

/** What happens while an attempt runs, in order; every event is one line of the run's log. */
export type AgentEvent =
  | { type: 'started'; at: string; argv: readonly string[]; containment: string }
  | { type: 'output'; at: string; stream: 'stdout' | 'stderr'; text: string }
  | { type: 'output-capped'; at: string; limitBytes: number }
  | { type: 'frozen' | 'thawed'; at: string; why: string }
  | {
      type: 'stopping';
      at: string;
      why: 'timed-out' | 'stalled' | 'cancelled' | 'fenced' | 'shutdown';
      signal: 'SIGTERM' | 'SIGKILL';
    }
  | { type: 'exited'; at: string; exitCode: number | null; signal: string | null };

/** How the processes of an attempt ended, as the workspace saw it. */
export interface ProcessEnd {
  exitCode: number | null;
  signal: string | null;
  /** Why we ended it, if we did: the first cause wins. */
  endedBy: 'timed-out' | 'stalled' | 'cancelled' | 'fenced' | 'shutdown' | null;
  /** Could not even start: the reason, e.g. `claude: not found`. */
  spawnError?: string;
  stdout: string;
  stderr: string;
  /** True where output beyond the cap was dropped from the middle. */
  capped: boolean;
  /** Processes of the attempt that could not be ended; absent when none was left. */
  left?: readonly number[];
}

/** The adapter's judgement, from evidence only. */
export interface AgentEnd {
  outcome: Outcome;
  cause?: string;
  exitCode?: number;
  /** The answer for the result file; for a failed attempt what there was of one. */
  answer: string;
  /** The worker ended it for its own reasons: the task goes back without a try, and `outcome` is not recorded. */
  giveBack?: true;
  /** What the adapter learned for the record of the attempt (cost, turns, session …). */
  entry?: Partial<AttemptEntry>;
}

/** One headless CLI. Pure: the workspace runs what it builds. */
export interface Agent {
  name: string;
  buildCommand(request: AgentRequest): AgentCommand;
  judge(end: ProcessEnd, request: AgentRequest): AgentEnd;
}
