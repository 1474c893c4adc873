import type { AttemptEntry, Outcome, Task, Tier, WaitingNext } from '@errand/task';
import { countTries, lastInARow } from './history.ts';
import { OUTCOMES } from './outcomes.ts';
import { quote } from './words.ts';

/** What the evidence says about the cause, beyond the outcome. */
export type Cause =
  | { kind: 'plain' }
  /** The model was not up to it: verify failed, or the turn limit was met. */
  | { kind: 'capability' }
  /** The service said until when (wall clock milliseconds). */
  | { kind: 'limit'; resetsAt: number };

/** What becomes of a task after an attempt. */
export type Remedy =
  | { kind: 'record'; state: 'done' | 'failed' | 'cancelled' }
  /** Back to waiting; `next.session` is there where the next attempt may go on with the session of this one. */
  | { kind: 'wait'; next: WaitingNext; reason: string }
  /** Nothing may be recorded: the task belongs to someone else by now. */
  | { kind: 'drop' };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** First delay after a failure, and the first after an unavailable service. */
const FIRST_DELAY_MS = 10 * SECOND;
/** A failure is not put off for longer than this, however many tries there are. */
const LONGEST_DELAY_MS = 60 * MINUTE;
const SERVICE_DELAY_MS = 15 * MINUTE;
/** A reset further away than any known limit is a wrong clock's. */
const LONGEST_LIMIT_MS = 8 * DAY;

const HIGHER: { readonly [tier in Tier]: Tier | null } = { haiku: 'sonnet', sonnet: 'opus', opus: null };

/**
 * What to do after an attempt ended, by the table of outcomes. `history` is what came before `entry`; times count from
 * `entry.ended_at`; `random` gives numbers from 0 up to 1.
 */
export function remedy(
  entry: AttemptEntry,
  cause: Cause,
  history: readonly AttemptEntry[],
  task: Pick<Task, 'retries'>,
  random: () => number,
): Remedy {
  const tries = countTries([...history, entry], entry.task);
  const { counted, remedy: kind } = OUTCOMES[entry.outcome];
  if (counted && tries > task.retries) return { kind: 'record', state: 'failed' };
  switch (kind) {
    case 'record-done':
      return { kind: 'record', state: 'done' };
    case 'record-failed':
      return { kind: 'record', state: 'failed' };
    case 'record-cancelled':
      return { kind: 'record', state: 'cancelled' };
    case 'drop':
      return { kind: 'drop' };
    case 'retry-later':
      return retryFailed(entry, cause, tries);
    case 'retry-resumed':
      return wait(entry, {}, lastInARow(history, entry.task, TIMED).length > 0);
    case 'retry-at-once':
      return wait(entry, {}, false);
    case 'retry-lost':
      return lastInARow(history, entry.task, ['lost']).length > 0 ? { kind: 'record', state: 'failed' } : wait(entry, {}, false);
    case 'wait-for-limit':
      return wait(entry, { ...after(entry, untilReset(entry, cause)), not_on: [entry.worker] }, false);
    case 'wait-for-login':
      return wait(entry, { ...after(entry, SERVICE_DELAY_MS), not_on: [entry.worker] }, false);
    case 'wait-for-service':
      return retryUnavailable(entry, history, random);
  }
}

const TIMED: readonly Outcome[] = ['timed-out', 'stalled'];

function retryFailed(entry: AttemptEntry, cause: Cause, tries: number): Remedy {
  const higher = entry.tier === undefined ? null : HIGHER[entry.tier];
  if (cause.kind === 'capability' && higher !== null) return wait(entry, { tier: higher }, true);
  return wait(entry, after(entry, Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 4 ** (tries - 1))), true);
}

function retryUnavailable(entry: AttemptEntry, history: readonly AttemptEntry[], random: () => number): Remedy {
  const before = lastInARow(history, entry.task, ['unavailable']);
  const first = before[0] ?? entry;
  const awayMs = Date.parse(entry.ended_at) - Math.min(...[first, ...before].map(startOf));
  if (awayMs >= DAY) return { kind: 'record', state: 'failed' };
  const times = before.reduce((sum, earlier) => sum + (earlier.count ?? 1), 0);
  const longest = Math.min(SERVICE_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(times, 20));
  return wait(entry, after(entry, longest * (0.5 + random() / 2)), false);
}

function startOf(entry: AttemptEntry): number {
  return Date.parse(entry.started_at ?? entry.ended_at);
}

function untilReset(entry: AttemptEntry, cause: Cause): number {
  if (cause.kind !== 'limit' || !Number.isFinite(cause.resetsAt)) return SERVICE_DELAY_MS;
  return Math.min(LONGEST_LIMIT_MS, Math.max(0, cause.resetsAt - Date.parse(entry.ended_at)) + MINUTE);
}

function after(entry: AttemptEntry, delayMs: number): WaitingNext {
  const retryAt = new Date(Date.parse(entry.ended_at) + delayMs);
  return { retry_at: retryAt.toISOString(), wait_s: Math.ceil(delayMs / SECOND) };
}

function wait(entry: AttemptEntry, next: WaitingNext, fresh: boolean): Remedy {
  const reason = `${entry.outcome} on ${quote(entry.worker)}${entry.cause === undefined ? '' : `: ${entry.cause}`}`;
  const tier = next.tier ?? entry.tier;
  const session = fresh || entry.session === undefined ? null : { id: entry.session, worker: entry.worker };
  return { kind: 'wait', next: { ...next, ...(tier && { tier }), ...(session && { session }) }, reason };
}
