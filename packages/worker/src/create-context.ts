import { join } from 'node:path';
import type { MachineConfig } from '@errand/config';
import { type Clock, noObservations } from '@errand/planner';
import { Journal, LEDGER, Ledger, type Queue, WORKER_MEMORY, WorkerMemoryFile } from '@errand/queue';
import type { AttemptRunner } from './attempt.ts';
import type { WorkerContext } from './context.ts';
import type { Listener } from './events.ts';
import { HeartbeatKeeper, type Presence } from './heartbeat-keeper.ts';
import { HeldAttempts } from './held.ts';
import type { Notifier } from './notifier.ts';
import { Pauses } from './pauses.ts';
import { PushBudget } from './push-budget.ts';
import { Pusher } from './pusher.ts';
import type { Sessions } from './sessions.ts';
import { Wakeups } from './wakeups.ts';

/** What a worker remembers on its disk from one start to the next. */
export type Remembered = Pick<WorkerContext, 'boot' | 'queue' | 'journal' | 'ledger' | 'memory' | 'pauses'>;

/** What differs from worker to worker, and between a real one and one under test. */
export interface WorkerParts {
  remembered: Remembered;
  machine: MachineConfig;
  version: string;
  clock: Clock;
  random: () => number;
  newNonce: () => string;
  wakeups?: Wakeups;
  starter: AttemptRunner;
  sessions: Sessions;
  notifier: Notifier;
  emit: Listener;
  refsPerPush: number;
  agents: readonly string[];
  defaultAgent: string | null;
  presence: () => Presence;
}

/** Reads what an earlier boot left in the folder of this queue. */
export async function remember(queue: Queue, boot: string): Promise<Remembered> {
  const memory = new WorkerMemoryFile(join(queue.dir, WORKER_MEMORY));
  const ledger = new Ledger(join(queue.dir, LEDGER));
  const pauses = new Pauses(join(queue.dir, 'pauses.json'));
  await memory.load(boot);
  await ledger.load();
  await pauses.load();
  return { boot, queue, journal: new Journal(join(queue.dir, 'journal')), ledger, memory, pauses };
}

/** A worker's context before its first view. */
export function createContext({ remembered, wakeups, presence, ...parts }: WorkerParts): WorkerContext {
  const { clock, machine, emit, newNonce, refsPerPush } = parts;
  const { memory, queue } = remembered;
  const budget = new PushBudget(clock);
  const stretch = (intervalMs: number, busy: boolean) => budget.stretch(intervalMs, busy);
  return {
    ...remembered,
    ...parts,
    budget,
    pusher: new Pusher(queue.port, emit, budget, refsPerPush),
    heartbeat: new HeartbeatKeeper(queue.port, memory, clock, presence, machine.lease, stretch, newNonce),
    held: new HeldAttempts(),
    wakeups: wakeups ?? new Wakeups(clock),
    observations: noObservations,
    told: false,
    movedBack: new Set(),
    toRestore: new Map(),
    claiming: true,
  };
}
