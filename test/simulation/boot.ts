import { join } from 'node:path';
import { openQueue, type Queue } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import { createContext, remember } from '../../packages/worker/src/create-context.ts';
import { silentNotifier } from '../../packages/worker/src/notifier.ts';
import { machineConfig } from '../../packages/worker/src/rig/machine-config.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
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
  const remembered = await remember(queue, boot);
  const config = machineConfig(name);
  const presence = () => ({
    machine: name,
    boot,
    version: '0.1.0',
    slots: config.slots,
    capabilities: [],
    agents: { command: {} },
  });
  const starter = new SimulatedRunner(world, machine);
  const context = createContext({
    remembered,
    machine: config,
    version: '0.1.0',
    clock,
    random,
    newNonce: () => world.newNonce(),
    starter,
    sessions: new Sessions(join(queue.dir, 'sessions')),
    notifier: silentNotifier,
    emit: (event) => machine.hear(event),
    refsPerPush: REFS_PER_PUSH,
    agents: ['command'],
    defaultAgent: 'command',
    presence,
  });
  starter.belongTo(context);
  return { worker: new Worker(context, { once: false }), queue };
}
