import { spawn } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlushOutcome, GitFailure, Queue } from '@errand/queue';
import type { Io } from './command.ts';

/** Everything arrived, or the ids that did not, and why. */
export type Sent = { ok: true } | { ok: false; pending: readonly string[]; cause: GitFailure };

/**
 * Sends what waits in the outbox, for no longer than so many milliseconds. What is not sent by then is left to a process
 * of its own, which goes on after this one has ended.
 */
export async function sendSoon(io: Io, queue: Queue, patienceMs: number): Promise<Sent> {
  if (await queue.outbox.isEmpty()) return { ok: true };
  const sending = queue.flushOutbox();
  const flushed = await Promise.race([sending, after(patienceMs)]);
  if (flushed?.ok) return { ok: true };
  const waiting = flushed ?? { pending: (await queue.outbox.pending()).map(({ id }) => id), cause: TOO_SLOW };
  if (waiting.pending.length === 0) return { ok: true };
  leaveSender(io, queue);
  return { ok: false, ...waiting };
}

const TOO_SLOW: GitFailure = { kind: 'unreachable', message: 'it has not answered yet' };

function after(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, ms, null).unref());
}

/** A renewal that fails is not tried again by every command. */
const RENEW_EVERY_MS = 24 * 60 * 60 * 1000;

/** Has the private clone made anew beside what a person is waiting for, once a day at most. Never rejects. */
export async function leaveRenewer(io: Io, queue: Queue): Promise<void> {
  const marker = join(queue.dir, 'renewal-tried');
  const triedAtMs = (await stat(marker).catch(() => null))?.mtimeMs ?? Number.NEGATIVE_INFINITY;
  if (Math.abs(Date.now() - triedAtMs) < RENEW_EVERY_MS) return;
  const noted = await writeFile(marker, '').then(
    () => true,
    () => false,
  );
  if (noted) leaveFlush(io, queue, ['--renew']);
}

function leaveSender(io: Io, queue: Queue): void {
  leaveFlush(io, queue, []);
}

/** Starts `errand flush` in a session of its own, with nothing of this terminal. */
function leaveFlush(io: Io, { remote, branch }: Queue, more: readonly string[]): void {
  const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './errand.ts' : './errand.js', import.meta.url));
  const argv = [...process.execArgv, entry, 'flush', '--queue', remote, '--branch', branch, ...more];
  const child = spawn(process.execPath, argv, { detached: true, stdio: 'ignore', env: io.env, cwd: '/' });
  // Nothing is lost without it: the next errand command sends what is there.
  child.on('error', () => {});
  child.unref();
}

export interface SenderOptions {
  /** How long to go on trying, milliseconds. */
  patienceMs: number;
  firstPauseMs: number;
  longestPauseMs: number;
  sleep(ms: number): Promise<void>;
  now(): number;
  random(): number;
}

/** Tries until the outbox is empty or patience ends, with pauses that grow. */
export async function sendUntilEmpty(
  queue: Pick<Queue, 'flushOutbox' | 'outbox'>,
  options: SenderOptions,
): Promise<FlushOutcome> {
  const deadline = options.now() + options.patienceMs;
  for (let pauseMs = options.firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, options.longestPauseMs)) {
    // Also when the whole folder is gone: then there is nothing to send, and nothing may be made anew.
    if (await queue.outbox.isEmpty()) return { ok: true, sent: [] };
    const flushed = await queue.flushOutbox();
    if (flushed.ok || flushed.pending.length === 0 || options.now() >= deadline) return flushed;
    await options.sleep(pauseMs * (0.5 + options.random() / 2));
  }
}
