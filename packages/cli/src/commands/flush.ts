import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { announce, describeEntries } from '../announce.ts';
import { addQueueOption, DONE, type Io, type Outcome, type QueueOption } from '../command.ts';
import { loadConfig, openQueueAs } from '../connect.ts';
import { sendUntilEmpty } from '../outbox-sender.ts';
import { failByGit } from '../remote-failure.ts';

interface FlushOptions extends QueueOption {
  branch?: string;
  once?: true;
  renew?: true;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function define(command: Command): void {
  addQueueOption(command)
    .option('--branch <branch>', 'branch of the queue')
    .option('--once', 'try only once')
    .option('--renew', 'make the private clone anew, if it has grown');
}

/** What `errand delegate` leaves behind when it could not send: one process for each queue. */
export async function run(io: Io, _args: readonly string[], options: FlushOptions): Promise<Outcome> {
  const config = await loadConfig(io, options);
  if (!config.ok) return config;
  const { machine, stateDir } = config;
  const { acquireLock } = await import('@errand/queue');
  const queue = await openQueueAs(io, machine.queue, { ...machine, branch: options.branch ?? machine.branch }, stateDir);
  // What is filed after the last look, while the lock is still held, has nobody else: so look again once it is free.
  while (!(await queue.outbox.isEmpty())) {
    const taken = await acquireLock(join(queue.dir, 'sender.lock'), { waitMs: 0, what: 'sending the outbox' });
    if ('failure' in taken) return DONE;
    const patienceMs = options.once ? 0 : DAY_MS;
    const pace = {
      patienceMs,
      firstPauseMs: 1000,
      longestPauseMs: 300_000,
      sleep,
      now: () => performance.now(),
      random: Math.random,
    };
    const entries = await queue.outbox.pending();
    const flushed = await sendUntilEmpty(queue, pace);
    await taken.lock.release();
    if (!flushed.ok) return failByGit(queue.remote, flushed.cause);
    await announce(io, machine, queue, await describeEntries(entries));
  }
  if (options.renew && (await queue.renewClone()).kind === 'renewed') await queue.readView();
  await queue.close();
  return DONE;
}
