import type { Task } from '@errand/task';
import type { Observations } from './observations.ts';
import type { Now } from './plan-input.ts';
import type { TaskFile } from './view.ts';

/** A task that has waited this long goes one priority up, so that nothing starves: after 90 minutes everything is first. */
export const AGEING_STEP_MS = 10 * 60 * 1000;

/** A task with what it is ordered by. */
export interface RankedTask {
  file: TaskFile;
  task: Task;
  /** Its priority, raised by waiting. */
  level: number;
  waitedMs: number;
  /** Whether this machine comes first for it. */
  isOwn: boolean;
}

/**
 * The order in which a machine takes tasks, total and the same for equal input: priority raised by waiting, then who has waited
 * longest, then those that are the machine's own (`isOwn`) so that machines do not all push for the same one, then by id. What cannot
 * be read as a task is left out.
 */
export function orderTasks(
  files: readonly TaskFile[],
  observations: Observations,
  now: Now,
  isOwn: (task: Task) => boolean,
): RankedTask[] {
  const ranked = files.flatMap((file): RankedTask[] => {
    if (!file.parsed?.ok) return [];
    const task = file.parsed.value;
    const waitedMs = measureWait(task, observations, now);
    return [{ file, task, level: raisePriority(task.priority, waitedMs), waitedMs, isOwn: isOwn(task) }];
  });
  return ranked.sort(
    (a, b) =>
      a.level - b.level || b.waitedMs - a.waitedMs || Number(b.isOwn) - Number(a.isOwn) || (a.file.id < b.file.id ? -1 : 1),
  );
}

/** The priority after ageing: 0 first. */
export function raisePriority(priority: number, waitedMs: number): number {
  return Math.max(0, priority - Math.floor(waitedMs / AGEING_STEP_MS));
}

/** Counts from when this observer first saw it free to run; the time before `not_before` is no waiting. */
function measureWait(task: Task, observations: Observations, now: Now): number {
  const seenMs = now.elapsedMs - (observations.tasks.get(task.id) ?? now.elapsedMs);
  const dueMs = task.notBefore === undefined ? seenMs : now.wallMs - task.notBefore;
  return Math.max(0, Math.min(seenMs, dueMs));
}
