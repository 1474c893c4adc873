import type { Task } from '@errand/task';
import type { Observations } from './observations.ts';
import type { Now } from './plan-input.ts';
import { rendezvousWeight } from './rendezvous.ts';
import type { TaskFile } from './view.ts';

/** A task that has waited this long goes one priority up, so that nothing starves: after 90 minutes everything is first. */
export const AGEING_STEP_MS = 10 * 60 * 1000;

/**
 * The order in which a machine takes tasks, total and the same for equal input: priority raised by waiting, then who has waited
 * longest, then by id. Where other machines choose too (`spreadFor` names this one), each has an order of its own among tasks
 * that came together, so that they do not all push for the same one.
 */
export function orderTasks(
  files: readonly TaskFile[],
  observations: Observations,
  now: Now,
  spreadFor: string | null,
): TaskFile[] {
  const ranked = files.map((file) => ({ file, ...rank(file, observations, now, spreadFor) }));
  ranked.sort((a, b) => a.level - b.level || b.waitedMs - a.waitedMs || a.spread - b.spread || (a.file.id < b.file.id ? -1 : 1));
  return ranked.map(({ file }) => file);
}

/** The priority after ageing: 0 first. */
export function raisePriority(priority: number, waitedMs: number): number {
  return Math.max(0, priority - Math.floor(waitedMs / AGEING_STEP_MS));
}

function rank(file: TaskFile, observations: Observations, now: Now, spreadFor: string | null) {
  const task = file.parsed?.ok ? file.parsed.value : null;
  const waitedMs = measureWait(file.id, task, observations, now);
  const spread = spreadFor === null ? 0 : rendezvousWeight(spreadFor, file.id);
  return { level: raisePriority(task?.priority ?? 9, waitedMs), waitedMs, spread };
}

/** Counts from when this observer first saw it free to run; the time before `not_before` is no waiting. */
function measureWait(id: string, task: Task | null, observations: Observations, now: Now): number {
  const seenMs = now.elapsedMs - (observations.tasks.get(id) ?? now.elapsedMs);
  const dueMs = task?.notBefore === undefined ? seenMs : now.wallMs - task.notBefore;
  return Math.max(0, Math.min(seenMs, dueMs));
}
