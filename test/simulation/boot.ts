import { join } from 'node:path';
import type { MachineConfig } from '@errand/config';
import type { Clock } from '@errand/planner';
import { noObservations } from '@errand/planner';
import { Journal, LEDGER, Ledger, openQueue, WorkerMemoryFile } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { WorkerContext } from '../../packages/worker/src/context.ts';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import { HeartbeatKeeper } from '../../packages/worker/src/heartbeat-keeper.ts';
import { HeldAttempts } from '../../packages/worker/src/held.ts';
import { silentNotifier } from '../../packages/worker/src/notifier.ts';
import { Pauses } from '../../packages/worker/src/pauses.ts';
import { Pusher } from '../../packages/worker/src/pusher.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import { Wakeups } from '../../packages/worker/src/wakeups.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import { Line } from './line.ts';
import type { Machine } from './machine.ts';
import { SimulatedRunner } from './runner.ts';
import type { World } from './world.ts';

/** One start of the real worker on a machine of the simulation: as `startWorker` does it, over what is simulated. */
export async function bootWorker(world: World, machine: Machine, life: { onTheWay(): Promise<void> }): Promise<Worker> {
  const { clock, name } = machine;
  const boot = `boot-${world.newNonce()}`;
  const port = new MemoryPort({ remote: new Line(world, () => life.onTheWay()), branch: 'main', now: () => clock.wallMs() });
  machine.port = port;
  const queue = openQueue({ remote: 'simulated:', branch: 'main', stateDir: '/state', clock, port });
  const memory = new WorkerMemoryFile(join(queue.dir, 'worker.json'));
  const ledger = new Ledger(join(queue.dir, LEDGER));
  await memory.load(boot);
  await ledger.load();
  const config = configOf(name);
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
  const context: WorkerContext = {
    machine: config,
    boot,
    version: '0.1.0',
    clock,
    random: world.scheduler.random,
    newNonce,
    queue,
    journal: new Journal(join(queue.dir, 'journal')),
    ledger,
    memory,
    pusher: new Pusher(queue.port, emit),
    heartbeat: new HeartbeatKeeper(queue.port, memory, clock as Clock, presence, config.lease, newNonce),
    held: new HeldAttempts(),
    wakeups: new Wakeups(clock),
    starter,
    sessions: new Sessions(join(queue.dir, 'sessions')),
    pauses,
    notifier: silentNotifier,
    emit,
    refsPerPush: 20,
    agents: ['command'],
    defaultAgent: 'command',
    observations: noObservations,
    movedBack: new Set(),
    toRestore: new Map(),
    claiming: true,
  };
  starter.belongTo(context);
  return new Worker(context, { once: false });
}

function configOf(machine: string): MachineConfig & { queue: string } {
  return {
    path: null,
    queue: 'simulated:',
    branch: 'main',
    machine,
    slots: 2,
    capabilities: [],
    policy: { agents: ['command'], permissions: 'plan', sandbox: 'auto', contain: 'tree', repos: 'any', verify: [] },
    agents: { command: { env: {} } },
    defaultAgent: 'command',
    directory: null,
    ntfy: null,
    poll: { intervalMs: 30_000 },
    lease: { heartbeatMs: 60_000, ttlMs: 180_000 },
    grace_ms: { shutdownMs: 1_000, killMs: 100 },
    idleTimeoutMs: 600_000,
    outputCapBytes: 1_048_576,
    keep: {
      workspacesMs: 604_800_000,
      logsMs: 2_592_000_000,
      reposMs: 2_592_000_000,
      resultsMs: 15_552_000_000,
      sizeBytes: 2 ** 33,
    },
  };
}
