import type { MachineConfig } from '@errand/config';
import type { Clock, Observations, Self, View } from '@errand/planner';
import type { Journal, Ledger, Queue, WorkerMemoryFile } from '@errand/queue';
import type { AttemptRunner } from './attempt.ts';
import type { Listener } from './events.ts';
import type { HeartbeatKeeper } from './heartbeat-keeper.ts';
import type { HeldAttempts } from './held.ts';
import type { Notifier } from './notifier.ts';
import type { Pauses } from './pauses.ts';
import type { PushBudget } from './push-budget.ts';
import type { Pusher } from './pusher.ts';
import type { Sessions } from './sessions.ts';
import type { Wakeups } from './wakeups.ts';

/** What every duty of one worker shares. What changes from view to view is replaced before the duties are called. */
export interface WorkerContext {
  readonly machine: MachineConfig;
  readonly boot: string;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** A ULID. */
  readonly newNonce: () => string;
  readonly queue: Queue;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly memory: WorkerMemoryFile;
  readonly pusher: Pusher;
  readonly budget: PushBudget;
  readonly heartbeat: HeartbeatKeeper;
  readonly held: HeldAttempts;
  readonly wakeups: Wakeups;
  readonly starter: AttemptRunner;
  readonly sessions: Sessions;
  readonly pauses: Pauses;
  readonly notifier: Notifier;
  readonly emit: Listener;
  /** How many refs one push may name: the large public hosts take few. */
  readonly refsPerPush: number;
  /** Agents that this machine can run at all, and the one that `auto` means here. */
  readonly agents: readonly string[];
  readonly defaultAgent: string | null;
  observations: Observations;
  /** Whether the remote told of a change before this view: others look at the same moment then. */
  told: boolean;
  /** Ids held back because the branch was moved back. */
  movedBack: ReadonlySet<string>;
  /** Blobs of removed results from which tidied tasks are to be restored, by id. */
  toRestore: ReadonlyMap<string, string>;
  /** False from the moment the worker was asked to stop. */
  claiming: boolean;
}

/** What the machine's own file says it can do, and what the queue's file adds. */
export function capabilitiesOf({ machine, capabilities }: MachineConfig, queue: Queue): string[] {
  const { machines } = queue.config;
  const listed = Object.hasOwn(machines, machine) ? machines[machine]?.capabilities : undefined;
  return [...new Set([...capabilities, ...(listed ?? [])])];
}

/** Whether the queue's file lists this machine as one that runs no tasks. */
export function isListedIdle({ queue, machine }: Pick<WorkerContext, 'queue' | 'machine'>): boolean {
  const { machines } = queue.config;
  return Object.hasOwn(machines, machine.machine) && machines[machine.machine]?.worker === false;
}

/** The verify lines that tasks may use here: all of them only where a task may run anything anyway. */
export function verifyLinesOf({ policy }: MachineConfig): 'any' | readonly string[] {
  return policy.permissions === 'bypass' ? 'any' : policy.verify;
}

/** The planner's picture of this worker. */
export function describeSelf(worker: WorkerContext, view: View): Self {
  const untouchable = [...view.unreadable.keys()].flatMap((ref) => /^refs\/errand\/tasks\/(.+)$/.exec(ref)?.[1] ?? []);
  return {
    machine: worker.machine.machine,
    capabilities: capabilitiesOf(worker.machine, worker.queue),
    agents: worker.agents,
    defaultAgent: worker.defaultAgent,
    verifyLines: verifyLinesOf(worker.machine),
    slotsFree: Math.max(0, worker.machine.slots - worker.held.slotsUsed()),
    paused: worker.pauses.active(worker.clock.wallMs()),
    held: new Set([...worker.held.ids(), ...untouchable]),
    rolledBack: worker.movedBack,
  };
}

/** The wall clock as ISO 8601, UTC: for people and records, never for a decision. */
export const isoNow = (clock: Clock): string => new Date(clock.wallMs()).toISOString();
