import { resolve } from 'node:path';
import type { Remark } from '@errand/checkout';
import type { Command } from 'commander';
import { addExamples, addJsonOption, DONE, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';

interface WatchOptions {
  once?: true;
  interval?: string;
  settle?: string;
  json?: true;
}

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_SETTLE_MS = 2_000;

export function define(command: Command): void {
  command
    .argument('[checkout]', 'a checkout of the queue, with its branch checked out; default: where you are')
    .option('--once', 'do what can be done now, and end')
    .option('--interval <duration>', 'how often to pull results; default 30s')
    .option('--settle <duration>', 'how long a file must have stood still before it is filed; default 2s')
    .description(
      'File what is saved in tasks/ of a checkout, and pull results into it. Goes on until Ctrl-C. It commits task files as you, and nothing else that you have changed or staged; it waits while you are in the middle of a rebase, a merge or the like.',
    );
  addJsonOption(command);
  addExamples(command, [
    ['errand watch ~/queue', 'saved in ~/queue/tasks/: linted, committed, pushed'],
    ['errand watch', 'the same, from within the checkout'],
    ['errand watch --once ~/queue', 'files what is there, pulls, and ends'],
    ['ERRAND_QUEUE=URL errand watch ~/other', 'of another queue than the one that this machine has joined'],
    ['errand watch --interval 5s --json ~/queue', 'for programs: an event in JSON a line'],
  ]);
}

export async function run(io: Io, [folder = '.']: readonly string[], options: WatchOptions): Promise<Outcome> {
  const { parseDuration } = await import('@errand/task');
  const paces: number[] = [];
  for (const [name, text, byDefault] of [
    ['--interval', options.interval, DEFAULT_INTERVAL_MS],
    ['--settle', options.settle, DEFAULT_SETTLE_MS],
  ] as const) {
    const ms = text === undefined ? byDefault : parseDuration(text);
    if (ms === null)
      return fail('usage', 'bad-duration', `${name} ${text} is no duration`, 'Write it as 5s, 2m or 1h; at least 1s.');
    paces.push(ms);
  }
  const [intervalMs = DEFAULT_INTERVAL_MS, settleMs = DEFAULT_SETTLE_MS] = paces;
  const { openCheckout, runWatch, watchLockPath } = await import('@errand/checkout');
  const opened = await openCheckout(resolve(io.cwd, folder), io.env);
  if (!opened.ok) return fail('usage', opened.failure.code, opened.failure.message, opened.failure.hint);
  const { checkout } = opened;
  const { refuseOtherQueue } = await import('../watch/refuse-other-queue.ts');
  const other = await refuseOtherQueue(io, checkout);
  if (other !== null) return other;
  const { acquireLock } = await import('@errand/queue');
  const taken = await acquireLock(watchLockPath(checkout), { waitMs: 0, what: 'errand watch' });
  if ('failure' in taken) {
    const { holder, message } = taken.failure;
    if (!holder) return fail('environment', 'no-lock', message, 'Make room there, or let yourself write in it.');
    const hint = `Leave it to that one, or end it first: kill ${holder.pid}.`;
    return fail('usage', 'watched', `${checkout.dir} is being watched already, by process ${holder.pid}`, hint);
  }
  const { Interruption } = await import('../follow/interruption.ts');
  const interruption = new Interruption();
  const { describeWatchEvent } = await import('../watch/describe-watch-event.ts');
  const { hidePassword } = await import('../remote-failure.ts');
  try {
    const standing = await runWatch({
      checkout,
      clock: { elapsedMs: () => performance.now() },
      random: Math.random,
      settleMs,
      intervalMs,
      once: options.once ?? false,
      signal: interruption.signal,
      emit: (told) => {
        const at = new Date();
        const event = told.type === 'started' ? { ...told, address: hidePassword(told.address) } : told;
        if (options.json) return io.out(`${JSON.stringify({ at: at.toISOString(), ...event })}\n`);
        const text = describeWatchEvent(event, at.getTime());
        if (text !== null) io.out(`${at.toISOString().slice(11, 19)} UTC ${text}\n`);
      },
    });
    if (!options.once) return DONE;
    // A single pass that was ended has not done what it was asked for.
    return interruption.status === null ? judgeEnd(standing) : { ok: true, exitCode: interruption.status };
  } finally {
    interruption.close();
    await taken.lock.release();
  }
}

/** How a single pass ended: what was told stands above, the exit status says whose turn it is. */
function judgeEnd(standing: readonly Remark[]): Outcome {
  const types = new Set(standing.map(({ type }) => type));
  const hint = 'See above; errand watch without --once goes on by itself.';
  if (types.has('remote-away')) return fail('environment', 'remote-away', 'the remote did not answer', hint);
  const stuck = ['engaged', 'taken-back', 'own-commits', 'conflict', 'pull-blocked', 'push-refused', 'commit-refused'] as const;
  if (stuck.some((type) => types.has(type))) return fail('environment', 'not-finished', 'not everything could be done', hint);
  return standing.length === 0 ? DONE : { ok: true, exitCode: 1 };
}
