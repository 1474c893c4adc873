import { join } from 'node:path';
import { type Agent, createCommandAgent } from '@errand/agents';
import { defaultPushBudget, type MachineConfig, resolveEnvValues } from '@errand/config';
import { type Clock, noObservations } from '@errand/planner';
import { acquireLock, Journal, Ledger, openQueue, WorkerMemoryFile } from '@errand/queue';
import { probeContainment, startGuard } from '@errand/workspace';
import { ulid } from 'ulid';
import { AttemptStarter } from './attempt.ts';
import { systemClock } from './clock.ts';
import { capabilitiesOf, type WorkerContext } from './context.ts';
import type { Listener, WorkerExit } from './events.ts';
import { HeartbeatKeeper } from './heartbeat-keeper.ts';
import { HeldAttempts } from './held.ts';
import { Pusher } from './pusher.ts';
import { Wakeups } from './wakeups.ts';
import { watchLocalRemote } from './watch-remote.ts';
import { Worker } from './worker.ts';

const REFS_PER_PUSH = 200;
const REFS_PER_PUSH_ON_PUBLIC_HOSTS = 20;

export interface WorkerOptions {
  machine: MachineConfig & { queue: string };
  stateDir: string;
  version: string;
  once: boolean;
  emit: Listener;
  env?: NodeJS.ProcessEnv;
  clock?: Clock;
}

/** A worker that is set up, or the sentence that says why it cannot be. */
export type StartedWorker =
  | { ok: true; worker: Worker; run(): Promise<WorkerExit> }
  | { ok: false; code: 'configuration' | 'environment'; message: string; hint: string };

/** Sets a worker up on this machine: one for each queue and state directory. */
export async function startWorker(options: WorkerOptions): Promise<StartedWorker> {
  const { machine, stateDir, version, once, emit } = options;
  const clock = options.clock ?? systemClock();
  const contained = await probeContainment(machine.policy.contain);
  if (!contained.ok) return { ok: false, code: 'configuration', message: contained.message, hint: contained.hint };
  const agents = await setUpAgents(machine);
  if (!agents.ok) return agents;
  const queue = openQueue({
    remote: machine.queue,
    branch: machine.branch,
    stateDir,
    clock,
    identity: { name: `errand on ${machine.machine}`, email: `${machine.machine}@errand.invalid` },
    ...(options.env && { env: options.env }),
  });
  const taken = await acquireLock(join(queue.dir, 'worker.lock'), { waitMs: 0, what: 'the worker of this queue' });
  if ('failure' in taken) {
    const hint = 'Stop that worker, or give this one a state directory of its own (ERRAND_STATE_DIR).';
    return { ok: false, code: 'environment', message: `another worker runs here: ${taken.failure.message}`, hint };
  }
  const boot = ulid();
  const memory = new WorkerMemoryFile(join(queue.dir, 'worker.json'));
  const ledger = new Ledger(join(queue.dir, 'ledger'));
  await memory.load(boot);
  await ledger.load();
  const guard = startGuard({ ttlMs: machine.lease.ttlMs });
  const starter = new AttemptStarter({ stateDir, containment: contained.containment, guard, agents: agents.agents });
  const wakeups = new Wakeups(clock);
  const presence = () => ({
    machine: machine.machine,
    boot,
    version,
    slots: machine.slots,
    capabilities: capabilitiesOf(machine, queue),
    agents: Object.fromEntries([...agents.agents.keys()].map((name) => [name, {}])),
    ...(machine.defaultAgent !== null && agents.agents.has(machine.defaultAgent) && { default_agent: machine.defaultAgent }),
  });
  const context: WorkerContext = {
    machine,
    boot,
    version,
    clock,
    random: Math.random,
    newNonce: () => ulid(),
    queue,
    journal: new Journal(join(queue.dir, 'journal')),
    ledger,
    memory,
    pusher: new Pusher(queue.port, emit),
    heartbeat: new HeartbeatKeeper(queue.port, memory, clock, presence, machine.lease, () => ulid()),
    held: new HeldAttempts(),
    wakeups,
    starter,
    emit,
    refsPerPush: defaultPushBudget(machine.queue) === null ? REFS_PER_PUSH : REFS_PER_PUSH_ON_PUBLIC_HOSTS,
    agents: [...agents.agents.keys()],
    observations: noObservations,
    movedBack: new Set(),
    toRestore: new Map(),
    claiming: true,
  };
  starter.belongTo(context);
  const worker = new Worker(context, { once });
  emit({ type: 'started', machine: machine.machine, boot, containment: contained.containment.kind });
  const run = async (): Promise<WorkerExit> => {
    const watcher = once ? null : watchLocalRemote(machine.queue, () => wakeups.now());
    try {
      return await worker.run();
    } finally {
      await watcher?.close();
      await guard.stop();
      await queue.close();
      await taken.lock.release();
    }
  };
  return { ok: true, worker, run };
}

type AgentSetup = { ok: true; agents: Map<string, Agent> } | { ok: false; code: 'configuration'; message: string; hint: string };

/** The agents that policy names and this version can run. A value whose file cannot be read stops the worker at its start. */
async function setUpAgents(machine: MachineConfig): Promise<AgentSetup> {
  const agents = new Map<string, Agent>();
  const settings = machine.agents.command;
  if (machine.policy.agents.includes('command') && settings?.argv) {
    const env = await resolveEnvValues(settings.env);
    if (!env.ok) {
      return {
        ok: false,
        code: 'configuration',
        message: `agents.command.env: ${env.causes.join('; ')}`,
        hint: 'Correct the file or the path.',
      };
    }
    const [program, ...args] = settings.argv;
    if (program !== undefined) agents.set('command', createCommandAgent({ argv: [program, ...args], env: env.env }));
  }
  return { ok: true, agents };
}
