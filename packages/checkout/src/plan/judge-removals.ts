import type { TasksFolder } from '../survey/survey.ts';

/** Why files that are gone are not taken for tasks that somebody cancels. */
export type RemovalDoubt = 'folder-gone' | 'others-gone' | 'all-gone' | 'too-many';

/** So many at once are more likely a folder that went away than a person who cancels tasks. */
export const MAX_REMOVALS = 10;

/**
 * Whether removed task files mean that somebody cancels them. A disk that is not mounted, a folder moved elsewhere or a sync
 * tool gone wrong takes everything, or things that nobody deletes to cancel a task. Files of finished tasks are tidied away in
 * any number.
 */
export function judgeRemovals(removed: { all: number; open: number }, folder: TasksFolder): RemovalDoubt | null {
  if (removed.all === 0) return null;
  if (!folder.isThere) return 'folder-gone';
  if (folder.othersMissing.length > 0) return 'others-gone';
  if (removed.all > 1 && removed.open > 0 && removed.all >= folder.committed) return 'all-gone';
  return removed.open > MAX_REMOVALS ? 'too-many' : null;
}
