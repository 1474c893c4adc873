import type { MachineConfig } from '@errand/config';
import type { Queue } from '@errand/queue';
import type { Problem } from '@errand/task';
import type { Io, QueueOption } from './command.ts';
import { type Failure, fail, failByProblems } from './failure.ts';
import { leaveRenewer } from './outbox-sender.ts';

/** Wall time that a command of a person's may wait for git, milliseconds. */
const PATIENCE = { fetchMs: 20_000, pushMs: 30_000, localMs: 30_000 };

/** What a command knows of this machine when it talks to a queue. */
export interface Connection {
  machine: MachineConfig & { queue: string };
  stateDir: string;
  queue: Queue;
}

/** This machine's configuration, with a queue in it. */
export async function loadConfig(
  io: Io,
  options: QueueOption,
): Promise<
  | { ok: true; machine: MachineConfig & { queue: string }; stateDir: string; warnings: Problem[] }
  | { ok: false; failure: Failure }
> {
  const { loadMachineConfig, stateDir } = await import('@errand/config');
  const loaded = await loadMachineConfig(io.env, options.queue === undefined ? {} : { queue: options.queue });
  if (!loaded.ok) return failByProblems('configuration', loaded.problems);
  const machine = loaded.value;
  const queue = machine?.queue;
  if (!machine || !queue) {
    const hint = 'Run errand join REMOTE, or name the queue: --queue REMOTE or ERRAND_QUEUE=REMOTE.';
    return fail('configuration', 'no-queue', 'this machine is connected to no queue', hint);
  }
  return { ok: true, machine: { ...machine, queue }, stateDir: stateDir(io.env), warnings: loaded.warnings };
}

/** Opens the configured queue; nothing is asked of the remote yet. */
export async function connect(
  io: Io,
  options: QueueOption,
): Promise<({ ok: true } & Connection) | { ok: false; failure: Failure }> {
  const config = await loadConfig(io, options);
  if (!config.ok) return config;
  const queue = await openQueueAs(io, config.machine.queue, config.machine, config.stateDir);
  if (await queue.hasOutgrownClone()) await leaveRenewer(io, queue);
  return { ...config, queue };
}

/** Opens a queue whose commits bear this machine's name. */
export async function openQueueAs(
  io: Io,
  remote: string,
  { branch, machine }: { branch: string; machine: string },
  stateDir: string,
): Promise<Queue> {
  const { openQueue } = await import('@errand/queue');
  const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
  const identity = { name: `errand on ${machine}`, email: `${machine}@errand.invalid` };
  return openQueue({ remote, branch, stateDir, clock, env: io.env, timeouts: PATIENCE, identity, hasty: true });
}
