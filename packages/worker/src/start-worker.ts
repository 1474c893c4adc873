import { join } from 'node:path';
import { defaultPushBudget, type MachineConfig } from '@errand/config';
import type { Clock } from '@errand/planner';
import { acquireLock, openQueue } from '@errand/queue';
import type { Heartbeat } from '@errand/task';
import { probeContainment, startGuard } from '@errand/workspace';
import { ulid } from 'ulid';
import { type AgentsHere, setUpAgents } from './agents-here.ts';
import { AttemptStarter } from './attempt.ts';
import { checkClaude } from './check-claude.ts';
import { systemClock } from './clock.ts';
import { capabilitiesOf, verifyLinesOf, type WorkerContext } from './context.ts';
import { createContext, remember } from './create-context.ts';
import type { Listener, WorkerExit } from './events.ts';
import { prepareAccount } from './prepare-account.ts';
import { reachPeople } from './reach-people.ts';
import { Sessions } from './sessions.ts';
import { Wakeups } from './wakeups.ts';
import { watchLocalRemote } from './watch-remote.ts';
import { Worker } from './worker.ts';

const REFS_PER_PUSH = 200;
const REFS_PER_PUSH_ON_PUBLIC_HOSTS = 20;
const MAX_ANNOUNCED_CHARS = 16_384;
const NO_LOGIN_PAUSE_MS = 15 * 60_000;

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
  const { machine, stateDir, version, once, env = process.env } = options;
  const clock = options.clock ?? systemClock();
  const random = Math.random;
  const contained = await probeContainment(machine.policy.contain);
  if (!contained.ok) return { ok: false, code: 'configuration', message: contained.message, hint: contained.hint };
  const identity = { name: `errand on ${machine.machine}`, email: `${machine.machine}@errand.invalid` };
  const queue = openQueue({
    remote: machine.queue,
    branch: machine.branch,
    stateDir,
    clock,
    random,
    identity,
    ...(options.env && { env: options.env }),
  });
  const taken = await acquireLock(join(queue.dir, 'worker.lock'), { waitMs: 0, what: 'the worker of this queue' });
  if ('failure' in taken) {
    const hint = 'Stop that worker, or give this one a state directory of its own (ERRAND_STATE_DIR).';
    return { ok: false, code: 'environment', message: `another worker runs here: ${taken.failure.message}`, hint };
  }
  const boot = ulid();
  const remembered = await remember(queue, boot);
  const { pauses } = remembered;
  const guard = startGuard({ ttlMs: machine.lease.ttlMs });
  const { containment } = contained;
  const doubted = pauses.get('claude')?.about === 'login';
  const check = { stateDir, containment, guard, now: clock.wallMs, doubted };
  const agents = await setUpAgents({
    machine,
    stateDir,
    env,
    checkClaude: async (config) => {
      await prepareAccount(config);
      return checkClaude(config, check);
    },
  });
  if (!agents.ok) {
    await Promise.all([guard.stop(), queue.close(), taken.lock.release()]);
    return agents;
  }
  // Whoever has logged in starts the worker again, and need not wait for the pause to end.
  for (const agent of agents.withLogin)
    if (pauses.get(agent)?.about === 'login') await pauses.clear(agent, Number.POSITIVE_INFINITY);
  const starter = new AttemptStarter({
    stateDir,
    containment,
    guard,
    agents: agents.agents,
    refresh: agents.refresh,
    env,
    identity,
  });
  const wakeups = new Wakeups(clock);
  const wake = (): void => {
    wakeups.noteTold();
    wakeups.now();
  };
  const reach = await reachPeople({ machine, queueDir: queue.dir, clock, once, emit: options.emit, wake });
  const emit: Listener = (event) => {
    options.emit(event);
    reach.notifier.hear(event);
  };
  const verifyLines = verifyLinesOf(machine);
  const presence = () => ({
    machine: machine.machine,
    boot,
    version,
    slots: machine.slots,
    capabilities: capabilitiesOf(machine, queue),
    agents: describeAgents(agents, pauses.active(clock.wallMs())),
    ...(agents.defaultAgent !== null && { default_agent: agents.defaultAgent }),
    // What a heartbeat has no room for is found out by whoever claims.
    ...(verifyLines !== 'any' && verifyLines.join('').length < MAX_ANNOUNCED_CHARS && { verify_lines: [...verifyLines] }),
  });
  const context = createContext({
    remembered,
    machine,
    version,
    clock,
    random,
    newNonce: () => ulid(),
    wakeups,
    starter,
    sessions: new Sessions(join(stateDir, 'sessions')),
    notifier: reach.notifier,
    emit,
    refsPerPush: defaultPushBudget(machine.queue) === null ? REFS_PER_PUSH : REFS_PER_PUSH_ON_PUBLIC_HOSTS,
    agents: [...agents.agents.keys()],
    defaultAgent: agents.defaultAgent,
    presence,
  });
  starter.belongTo(context);
  const worker = new Worker(context, { once });
  emit({ type: 'started', machine: machine.machine, boot, containment: containment.kind });
  for (const text of agents.remarks) emit({ type: 'trouble', duty: 'agents', text });
  for (const agent of agents.withLogin) emit({ type: 'agent-ready', agent, version: agents.versions.get(agent) ?? '' });
  for (const [agent, cause] of agents.withoutLogin) await pauseWithoutLogin(context, agent, cause);
  const run = async (): Promise<WorkerExit> => {
    const watcher = once ? null : watchLocalRemote(machine.queue, machine.branch, () => worker.hint());
    try {
      return await worker.run();
    } finally {
      watcher?.close();
      await reach.close();
      await guard.stop();
      await queue.close();
      await taken.lock.release();
    }
  };
  return { ok: true, worker, run };
}

function describeAgents(
  { agents, versions }: AgentsHere,
  paused: ReadonlyMap<string, { until: number; reason: string }>,
): Heartbeat['agents'] {
  return Object.fromEntries(
    [...agents.keys()].map((name) => {
      const version = versions.get(name);
      const pause = paused.get(name);
      return [
        name,
        {
          ...(version !== undefined && { version }),
          ...(pause && { paused_until: new Date(pause.until).toISOString(), reason: pause.reason }),
        },
      ];
    }),
  );
}

/** The next attempt after the pause finds out whether there is a login by then. */
async function pauseWithoutLogin({ pauses, clock, emit }: WorkerContext, agent: string, cause: string): Promise<void> {
  const untilMs = clock.wallMs() + NO_LOGIN_PAUSE_MS;
  const isNew = await pauses.set(agent, { about: 'login', untilMs, reason: cause }, clock.wallMs());
  emit({ type: 'paused', agent, about: 'login', until: new Date(untilMs).toISOString(), reason: cause, again: !isNew });
}
