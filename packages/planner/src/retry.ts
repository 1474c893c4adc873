import type { Task, WaitingNext, WaitingRecord } from '@errand/task';
import { findMisfit } from './candidate.ts';
import type { Context } from './context.ts';
import { nextWake } from './timing.ts';
import type { Held, TaskFile } from './view.ts';
import type { Waiting } from './waiting.ts';
import { quoteAll, spellSpan } from './words.ts';

/**
 * Why the waiting record keeps this machine from the task, or null where it is due. The time in `next` binds everybody, or,
 * where `not_on` names machines, those alone; without a time those leave the task to others while another could take it.
 */
export function findRetryWait(
  file: TaskFile,
  task: Task,
  record: Held<WaitingRecord> | null,
  machine: string,
  context: Context,
): Waiting | null {
  if (record === null || record.value.task !== file.blob) return null;
  const { reason, next = {} } = record.value;
  const isAsideHere = next.not_on?.includes(machine) ?? false;
  if (next.not_on !== undefined && next.not_on.length > 0 && !isAsideHere) return null;
  const time = readDueTime(next, file.id, context);
  if (time !== null) {
    const leftMs = (nextWake([{ kind: 'retry', text: '', ...time }], context.now) ?? 0) - context.now.elapsedMs;
    return leftMs > 0 ? { kind: 'retry', text: `${reason}; again in ${spellSpan(leftMs)}`, ...time } : null;
  }
  const able = isAsideHere ? findOthersAble(task, next, machine, context) : [];
  return able.length === 0 ? null : { kind: 'retry', text: `${reason}; left to ${quoteAll(able, 'or')}` };
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
