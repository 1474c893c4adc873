import { join } from 'node:path';
import type { Clock } from '@errand/planner';
import { noObservations } from '@errand/planner';
import { Journal, LEDGER, Ledger, openQueue, type Queue, WorkerMemoryFile } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { WorkerContext } from '../../packages/worker/src/context.ts';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import { HeartbeatKeeper } from '../../packages/worker/src/heartbeat-keeper.ts';
import { HeldAttempts } from '../../packages/worker/src/held.ts';
import { silentNotifier } from '../../packages/worker/src/notifier.ts';
import { Pauses } from '../../packages/worker/src/pauses.ts';
import { PushBudget } from '../../packages/worker/src/push-budget.ts';
import { Pusher } from '../../packages/worker/src/pusher.ts';
import { machineConfig } from '../../packages/worker/src/rig/machine-config.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import { Wakeups } from '../../packages/worker/src/wakeups.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import { Line } from './line.ts';
import type { Machine } from './machine.ts';
import { SimulatedRunner } from './runner.ts';
import type { World } from './world.ts';

const REFS_PER_PUSH = 20;

/** One start of the real worker on a machine of the simulation: as `startWorker` does it, over what is simulated. */
export async function bootWorker(
  world: World,
  machine: Machine,
  life: { onTheWay(): Promise<void> },
): Promise<{ worker: Worker; queue: Queue }> {
  const { clock, name } = machine;
  const boot = `boot-${world.newNonce()}`;
  const port = new MemoryPort({
    remote: new Line(world, machine, () => life.onTheWay()),
    branch: 'main',
    now: () => clock.wallMs(),
    clone: machine.clone,
  });
  const { random } = world.scheduler;
  const queue = openQueue({ remote: 'simulated:', branch: 'main', stateDir: '/state', clock, random, port });
  const memory = new WorkerMemoryFile(join(queue.dir, 'worker.json'));
  const ledger = new Ledger(join(queue.dir, LEDGER));
  await memory.load(boot);
  await ledger.load();
  const config = machineConfig(name);
  const pauses = new Pauses(join(queue.dir, 'pauses.json'));
  await pauses.load();
  const newNonce = () => world.newNonce();
  const presence = () => ({
    machine: name,
    boot,
    version: '0.1.0',
    slots: config.slots,
    capabilities: [],
    agents: { command: {} },
  });
  const emit = (event: WorkerEvent): void => machine.hear(event);
  const starter = new SimulatedRunner(world, machine);
  const budget = new PushBudget(clock);
  const stretch = (intervalMs: number, busy: boolean) => budget.stretch(intervalMs, busy);
  const context: WorkerContext = {
    machine: config,
    boot,
    version: '0.1.0',
    clock,
    random,
    newNonce,
    queue,
    journal: new Journal(join(queue.dir, 'journal')),
    ledger,
    memory,
    pusher: new Pusher(queue.port, emit, budget, REFS_PER_PUSH),
    budget,
    heartbeat: new HeartbeatKeeper(queue.port, memory, clock as Clock, presence, config.lease, stretch, newNonce),
    held: new HeldAttempts(),
    wakeups: new Wakeups(clock),
    starter,
    sessions: new Sessions(join(queue.dir, 'sessions')),
    pauses,
    notifier: silentNotifier,
    emit,
    refsPerPush: REFS_PER_PUSH,
    agents: ['command'],
    defaultAgent: 'command',
    observations: noObservations,
    told: false,
    movedBack: new Set(),
    toRestore: new Map(),
    claiming: true,
  };
  starter.belongTo(context);
  return { worker: new Worker(context, { once: false }), queue };
}
