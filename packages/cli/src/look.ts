import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { View } from '@errand/planner';
import type { GitFailure, Queue } from '@errand/queue';
import type { Failure } from './failure.ts';
import { failByGit } from './remote-failure.ts';

/** What a command could see: the queue as it is now, or, where the remote is away, as it was last seen. */
export interface Look {
  view: View;
  /** Why the view is not of now; null where it is. */
  away: GitFailure | null;
  /** When anything last came from the remote, wall clock in milliseconds; null where nobody knows. */
  seenAt: number | null;
}

/** Sends what waits in the outbox, and looks. Fails only where nothing was ever seen and nothing waits to be sent. */
export async function look(queue: Queue): Promise<({ ok: true } & Look) | { ok: false; failure: Failure }> {
  if (!(await queue.outbox.isEmpty())) await queue.flushOutbox();
  const read = await queue.readView();
  if (read.ok) return { ok: true, view: read.view, away: null, seenAt: Date.now() };
  return lookBack(queue, read.cause);
}

/** What was last seen of a queue that does not answer, and why it does not. */
export async function lookBack(
  queue: Queue,
  cause: GitFailure,
): Promise<({ ok: true } & Look) | { ok: false; failure: Failure }> {
  const seenAt = await lastChange(queue);
  const view = seenAt === null ? null : await queue.readLastView();
  const isEmpty = view?.tip === null && view.workers.size === 0 && (await queue.outbox.isEmpty());
  if (!view || isEmpty) return failByGit(queue.remote, cause);
  return { ok: true, view, away: cause, seenAt };
}

/** Looks, and fails where the remote is away. */
export async function lookNow(queue: Queue): Promise<{ ok: true; view: View } | { ok: false; failure: Failure }> {
  if (!(await queue.outbox.isEmpty())) await queue.flushOutbox();
  const read = await queue.readView();
  return read.ok ? read : failByGit(queue.remote, read.cause);
}

/** A fetch that brings something changes the clone's objects. */
async function lastChange(queue: Queue): Promise<number | null> {
  const folder = await stat(join(queue.dir, 'clone', 'objects')).catch(() => null);
  const packs = await stat(join(queue.dir, 'clone', 'objects', 'pack')).catch(() => null);
  return folder === null ? null : Math.max(folder.mtimeMs, packs?.mtimeMs ?? 0);
}
