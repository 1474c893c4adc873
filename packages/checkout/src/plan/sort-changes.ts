import type { Remark } from '../events.ts';
import type { Change, Survey } from '../survey/survey.ts';
import { judgeRemovals } from './judge-removals.ts';

/** Which of the changes may be committed; the others are left as they are, and it is said why. */
export function sortChanges(
  survey: Extract<Survey, { state: 'free' }>,
  changes: readonly Change[],
): { fit: readonly Change[]; remarks: readonly Remark[] } {
  const { finished, changedThere, folder } = survey;
  const remarks: Remark[] = [];
  const removed = survey.changes.filter(({ kind }) => kind === 'removed');
  const open = removed.filter(({ id }) => !finished.has(id));
  const doubt = judgeRemovals({ all: removed.length, open: open.length }, folder);
  if (doubt !== null && changes.some(({ kind }) => kind === 'removed')) {
    remarks.push({ type: 'removals-held', doubt, ids: removed.map(({ id }) => id), open: open.map(({ id }) => id) });
  }
  const fit = changes.filter(({ path, id, kind, problems, stagedOtherwise, forgotFrontMatter }) => {
    const result = finished.get(id);
    if (kind === 'removed' && doubt !== null) return false;
    if (stagedOtherwise) remarks.push({ type: 'staged-otherwise', path });
    else if (problems.length > 0) remarks.push({ type: 'invalid', path, problems });
    else if (kind !== 'removed' && result !== undefined) remarks.push({ type: 'id-finished', path, id, result });
    else if (changedThere.has(path)) remarks.push({ type: 'changed-there', path, kind });
    else {
      if (forgotFrontMatter) remarks.push({ type: 'front-matter-forgotten', path });
      return true;
    }
    return false;
  });
  const judged = fit.map((change) =>
    change.kind === 'removed' && finished.has(change.id) ? { ...change, kind: 'tidied' as const } : change,
  );
  return { fit: judged, remarks };
}
