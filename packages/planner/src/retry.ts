import type { Task, WaitingNext, WaitingRecord } from '@errand/task';
import { findMisfit } from './candidate.ts';
import type { Context } from './context.ts';
import type { Self } from './self.ts';
import { nextWake } from './timing.ts';
import type { Held, TaskFile } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quoteAll, spellSpan } from './words.ts';

const SESSION_PATIENCE_MS = 60_000;

/**
 * Why the waiting record keeps this machine from the task, or null where it is due. The time in `next` binds everybody, or,
 * where `not_on` names machines, those alone; without a time those leave the task to others while another could take it. `pausedHere`: the agents that
 * are paused on this very machine, where that is known.
 */
export function findRetryWait(
  file: TaskFile,
  task: Task,
  record: Held<WaitingRecord> | null,
  machine: string,
  context: Context,
  pausedHere?: Self['paused'],
): Waiting | null {
  if (record === null || record.value.task !== file.blob) return null;
  const { reason, next = {} } = record.value;
  const isAsideHere = next.not_on?.includes(machine) ?? false;
  if (next.not_on !== undefined && next.not_on.length > 0 && !isAsideHere) return null;
  if (isAsideHere && pausedHere !== undefined && isOver(record.value, machine, pausedHere, context)) return null;
  const time = readDueTime(next, file.id, context);
  if (time !== null) {
    const leftMs = (nextWake([{ kind: 'retry', text: '', ...time }], context.now) ?? 0) - context.now.elapsedMs;
    if (leftMs > 0) return { kind: 'retry', text: `${reason}; again in ${spellSpan(leftMs)}`, ...time };
    return findSessionWait(file, task, record.value, machine, context);
  }
  const able = isAsideHere ? findOthersAble(task, next, machine, context) : [];
  if (able.length > 0) return { kind: 'retry', text: `${reason}; left to ${quoteAll(able, 'or')}` };
  return findSessionWait(file, task, record.value, machine, context);
}

/** Set aside for a limit or a missing login of an agent that this machine, which knows best, does not take for paused any more. */
function isOver({ attempts }: WaitingRecord, machine: string, paused: Self['paused'], { now }: Context): boolean {
  const last = attempts.at(-1);
  if (last?.worker !== machine || (last.outcome !== 'auth' && last.outcome !== 'rate-limited')) return false;
  return (paused.get(last.agent)?.until ?? Number.NEGATIVE_INFINITY) <= now.wallMs;
}

/** For a minute others leave a task to the machine that can go on with its session: starting afresh costs all of it again. */
function findSessionWait(
  file: TaskFile,
  task: Task,
  { reason, next = {} }: WaitingRecord,
  machine: string,
  context: Context,
): Waiting | null {
  const { session } = next;
  if (
    session === undefined ||
    session.worker === machine ||
    !findOthersAble(task, next, machine, context).includes(session.worker)
  )
    return null;
  const dueAt = (context.observations.records.get(file.id)?.since ?? context.now.elapsedMs) + SESSION_PATIENCE_MS;
  if (dueAt <= context.now.elapsedMs) return null;
  return { kind: 'retry', text: `${reason}; left to ${quoteAll([session.worker], 'or')}, which has its session`, dueAt };
}

function readDueTime(next: WaitingNext, id: string, context: Context): { until?: number; dueAt?: number } | null {
  const until = next.retry_at === undefined ? Number.NaN : Date.parse(next.retry_at);
  const since = context.observations.records.get(id)?.since ?? context.now.elapsedMs;
  const time = {
    ...(Number.isNaN(until) ? {} : { until }),
    ...(next.wait_s === undefined ? {} : { dueAt: since + next.wait_s * 1000 }),
  };
  return 'until' in time || 'dueAt' in time ? time : null;
}

function findOthersAble(task: Task, next: WaitingNext, machine: string, context: Context): string[] {
  return context.others
    .filter((other) => other.machine !== machine && !next.not_on?.includes(other.machine))
    .filter((other) => findMisfit(task, other, context.now.wallMs) === null)
    .map((other) => other.machine);
}
