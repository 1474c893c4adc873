import { taskIdOfPath } from '@errand/task';
import type { StatusEntry } from './parse-status.ts';
import type { Change } from './survey.ts';

/** A change as git tells it, before anybody has looked into the file. */
export type ListedChange = Pick<Change, 'path' | 'id' | 'kind' | 'tracked' | 'stagedOtherwise'>;

/** What differs from the last commit in `tasks/`, as far as it is about tasks. */
export function listChanges(entries: readonly StatusEntry[]): ListedChange[] {
  const byPath = new Map<string, StatusEntry[]>();
  for (const entry of entries) {
    if (entry.index !== '!') byPath.set(entry.path, [...(byPath.get(entry.path) ?? []), entry]);
  }
  return [...byPath].flatMap(([path, told]): ListedChange[] => {
    const id = taskIdOfPath(path);
    const change = id === null ? null : judge(told);
    return id === null || change === null ? [] : [{ path, id, ...change }];
  });
}

function judge(told: readonly StatusEntry[]): Pick<Change, 'kind' | 'tracked' | 'stagedOtherwise'> | null {
  const [first, second] = told;
  if (first === undefined) return null;
  // Taken out of the index, and still there as a file that git does not know.
  if (second !== undefined) return { kind: 'edited', tracked: false, stagedOtherwise: true };
  const { index, workTree } = first;
  if (index === '?') return { kind: 'added', tracked: false, stagedOtherwise: false };
  const isNew = index === 'A' || workTree === 'A';
  const isGone = workTree === 'D' || index === 'D';
  if (isNew && isGone) return null;
  return {
    kind: isNew ? 'added' : isGone ? 'removed' : 'edited',
    tracked: true,
    stagedOtherwise: index !== '.' && index !== 'D' && workTree !== '.',
  };
}
