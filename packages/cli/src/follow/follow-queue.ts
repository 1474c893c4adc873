import { setTimeout as pause } from 'node:timers/promises';
import type { View } from '@errand/planner';
import { FolderWatch, type GitFailure, listRefFolders, type OutboxEntry, type Queue } from '@errand/queue';
import { Pulse } from './pulse.ts';

/** One look at the queue: what it showed, or why it showed nothing. */
export type Sight =
  /** `unsent`: what waited in this machine's outbox when the fetch began, and why it did. */
  | { kind: 'seen'; view: View; unsent: { entries: readonly OutboxEntry[]; cause: GitFailure | null } }
  /** `awayMs`: for how long no look has succeeded, 0 for the first that has not. */
  | { kind: 'away'; cause: GitFailure; awayMs: number };

/** The pace of looking, milliseconds. */
export interface Rhythm {
  /** Between looks while something changes. */
  quickMs: number;
  /** The longest pause, while nothing does. */
  slowMs: number;
  /** The shortest pause, however often something happens. */
  restMs: number;
}

export interface FollowOptions {
  /** Ends the following, also in the middle of a look. */
  signal: AbortSignal;
  /** From 0 to 1: many who follow one queue do not ask all at once. */
  random?: () => number;
  /** Milliseconds from an arbitrary start. */
  elapsedMs?: () => number;
  rhythm?: Rhythm;
}

const RHYTHM: Rhythm = { quickMs: 1_000, slowMs: 5_000, restMs: 200 };
const SLOWER = 1.3;
/** A server that answers and does not take a task is asked again only so often, milliseconds. */
const REFUSED_PAUSE_MS = 15_000;

/**
 * Looks at a queue again and again: about every second while it changes, ever less often while it does not, and at once where
 * the remote is on this machine's disk and its refs change. What waits in the outbox is sent on the way.
 */
export async function* followQueue(
  queue: Queue,
  { signal, random = Math.random, elapsedMs = () => performance.now(), rhythm = RHYTHM }: FollowOptions,
): AsyncGenerator<Sight, void> {
  const pulse = new Pulse();
  const stop = (): void => pulse.beat();
  const watch = new FolderWatch(listRefFolders(queue.remote, queue.branch), () => pulse.beat());
  signal.addEventListener('abort', stop);
  let pauseMs = rhythm.quickMs;
  let before: string | null = null;
  let inTouchAt = elapsedMs();
  let refusal: Refusal | null = null;
  try {
    while (!signal.aborted) {
      watch.arm();
      if (isOver(refusal, elapsedMs())) refusal = null;
      const sight = await untilAborted(look(queue, causeOf(refusal)), signal);
      if (sight === null) return;
      if (sight.kind === 'seen') inTouchAt = elapsedMs();
      refusal = noteRefusal(refusal, sight, elapsedMs());
      const now = summarize(sight);
      pauseMs = now === before ? Math.min(rhythm.slowMs, pauseMs * SLOWER) : rhythm.quickMs;
      before = now;
      yield sight.kind === 'seen' ? sight : { ...sight, awayMs: elapsedMs() - inTouchAt };
      await pause(rhythm.restMs, undefined, { signal }).catch(() => undefined);
      await pulse.wait(pauseMs * (0.75 + random() / 2));
    }
  } finally {
    signal.removeEventListener('abort', stop);
    watch.close();
  }
}

type Look = Extract<Sight, { kind: 'seen' }> | Omit<Extract<Sight, { kind: 'away' }>, 'awayMs'>;

/** `refusal`: why the outbox is not sent this time. */
async function look(queue: Queue, refusal: GitFailure | null): Promise<Look> {
  const flushed = refusal !== null || (await queue.outbox.isEmpty()) ? null : await queue.flushOutbox();
  // Before the fetch: what is not here any more by then, the view has or had.
  const entries = await queue.outbox.pending();
  const read = await queue.readView();
  if (!read.ok) return { kind: 'away', cause: read.cause };
  const cause = flushed?.ok === false ? flushed.cause : refusal;
  return { kind: 'seen', view: read.view, unsent: { entries, cause: entries.length === 0 ? null : cause } };
}

/** Equal for two looks between which nothing happened; heartbeats alone are nothing. */
function summarize(sight: Look): string {
  if (sight.kind === 'away') return 'away';
  const { tip, records } = sight.view;
  return [tip, sight.unsent.entries.length, ...[...records.values()].map(({ oid }) => oid)].join(' ');
}

/** A server that answers, and did not take what waits in the outbox; it is asked again at this elapsed time. */
interface Refusal {
  cause: GitFailure;
  untilMs: number;
}

function isOver(refusal: Refusal | null, nowMs: number): boolean {
  return refusal !== null && nowMs >= refusal.untilMs;
}

function causeOf(refusal: Refusal | null): GitFailure | null {
  return refusal?.cause ?? null;
}

/** After a look that kept to `before`, or that asked where there was none. */
function noteRefusal(before: Refusal | null, sight: Look, nowMs: number): Refusal | null {
  const cause = sight.kind === 'seen' ? sight.unsent.cause : null;
  return cause === null ? null : (before ?? { cause, untilMs: nowMs + REFUSED_PAUSE_MS });
}

/** What the work comes to, or null where the signal comes first. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    const settle = (): void => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).then(settle, settle);
  });
}
