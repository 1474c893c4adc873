import type { AgentCommand, AgentEnd, AgentProgress, ProcessEnd } from '@errand/agents';
import type { StartedAs } from '@errand/queue';
import type { UnitRef } from '@errand/workspace';
import type { AttemptPlace } from './attempt.ts';
import type { WorkerContext } from './context.ts';
import type { ClaimedWork, HeldAttempt } from './held.ts';
import type { RunSwitches, StopReason } from './run-switches.ts';

/** One attempt under way, and what its stages share. */
export interface Execution {
  worker: WorkerContext;
  machine: AttemptPlace;
  held: HeldAttempt;
  work: ClaimedWork;
  switches: RunSwitches;
  /** Folders in which attempts of this worker are at work: nobody sweeps them. */
  busy: Set<string>;
  /** Writes down what the next boot needs; `started` is remembered from call to call. */
  journal(unit: UnitRef | null, started: StartedAs): Promise<void>;
}

/** Runs one command of the attempt, contained, with its clocks; what it says goes to the log and to whoever listens. */
export type RunCommand = (options: {
  command: AgentCommand;
  /** Tells the units of one attempt apart. */
  part: 'agent' | 'verify';
  wallMs: number;
  hear?: (text: string) => readonly AgentProgress[];
}) => Promise<CommandEnd>;

/** How a command ended, and for how many milliseconds it could work: a sleep of the machine is nobody's work. */
export type CommandEnd = ProcessEnd & { workedMs: number };

/** It was asked to end while none of its processes ran. */
export function stoppedBefore(why: StopReason): AgentEnd {
  switch (why) {
    case 'shutdown':
      return { outcome: 'stopped', giveBack: true, cause: 'the worker was shut down', answer: '' };
    case 'cancelled':
      return { outcome: 'cancelled', cause: 'cancelled while it ran', answer: '' };
    case 'fenced':
      return { outcome: 'fenced', cause: 'the task was finished or taken over elsewhere', answer: '' };
  }
}

export function failed(cause: string, answer = ''): AgentEnd {
  return { outcome: 'failed', cause, answer };
}
