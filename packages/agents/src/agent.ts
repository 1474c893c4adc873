import type { AttemptEntry, Outcome, Task, Tier, Tokens } from '@errand/task';

/** What one attempt tells an adapter. */
export interface AgentRequest {
  id: string;
  attempt: number;
  task: Task;
  tier: Tier;
  model: string;
  /** Absolute folders: where it works, its own HOME and TMPDIR. */
  place: { cwd: string; home: string; tmp: string };
  session: SessionRequest;
  /** What the repository tells agents, read by us: the CLI itself is kept from a repository's settings. Null where there is nothing. */
  instructions: { path: string; text: string } | null;
}

/** The session to begin, under an id of ours (a UUID), or to go on with. */
export type SessionRequest =
  | { kind: 'fresh'; id: string }
  | {
      kind: 'resumed';
      id: string;
      /** How the attempt ended whose session it is. */
      why: 'timed-out' | 'stalled' | 'lost' | 'stopped' | 'rate-limited' | 'unavailable' | 'auth';
      /** What the CLI has reported as the session's cost so far, US dollars; null where it never did. */
      reportedUsd: number | null;
    };

/** How to start one CLI: argv, its part of the environment, and what it reads on standard input (closed after). */
export interface AgentCommand {
  argv: readonly [string, ...string[]];
  env: { readonly [name: string]: string };
  stdin: string;
}

/** What an agent's stream means, as far as people and records care. */
export type AgentProgress =
  | { type: 'session'; session: string; model: string; version?: string }
  | { type: 'says'; text: string }
  /** `about`: one line, such as the command or the path. */
  | { type: 'calls-tool'; tool: string; about: string }
  /** `text` is shortened. */
  | { type: 'tool-answered'; tool: string; ok: boolean; text: string }
  /** One answer of a model. `estimated`: the cost is worked out from list prices. */
  | { type: 'spent'; model: string; tokens: Tokens; costUsd: number; estimated: boolean }
  /** The CLI tries its service again. */
  | { type: 'waits'; text: string };

/** What happens while an attempt runs, in order; every event is one line of the run's log. */
export type AgentEvent =
  | { type: 'started'; at: string; argv: readonly string[]; containment: string }
  | ({ at: string } & AgentProgress)
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
  /**
   * The worker ended it for its own reasons, or its session is no longer there: the task goes back without a try, and `outcome`
   * is not recorded.
   */
  giveBack?: true;
  /** What the adapter learned for the record of the attempt (cost, turns, session …). */
  entry?: Partial<AttemptEntry>;
  /** What the evidence says beyond the outcome; `resetsAt` is wall clock milliseconds. */
  evidence?: { kind: 'capability' } | { kind: 'limit'; resetsAt: number };
  /** The session's cost as the CLI reported it at its end, US dollars, for whoever goes on with it. */
  reportedUsd?: number;
}

/** One attempt with one CLI. */
export interface AgentRun {
  command: AgentCommand;
  /** Takes in standard output as it comes, uncapped and in whole characters, and gives what it means. */
  hear(text: string): AgentProgress[];
  judge(end: ProcessEnd): AgentEnd;
}

/** One headless CLI. Pure: the workspace runs what it builds. */
export interface Agent {
  name: string;
  /** Whether it has sessions that a later attempt may go on with. */
  resumable: boolean;
  /** The file of a repository that speaks to this agent, such as `CLAUDE.md`; null where there is none. */
  instructionFile: string | null;
  /**
   * Absolute paths of files and folders that an earlier attempt may have planted and that this CLI would obey: whoever starts
   * it removes them before each run. What the CLI needs of them it makes anew.
   */
  plantable: readonly string[];
  begin(request: AgentRequest): AgentRun;
}
