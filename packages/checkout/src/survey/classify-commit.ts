import { taskIdOfPath } from '@errand/task';
import { mergeTrees } from '../git/merge-trees.ts';
import type { Checkout } from '../open-checkout.ts';
import type { AheadCommit } from './survey.ts';

/** A trailer of every commit that a watcher makes; it survives a rebase of the person's, and hooks that add their own. */
export const FILED_BY = 'Filed-by: errand watch';

/** Whose work a commit is. Only what is surely a watcher's counts as that. */
export async function classifyCommit(checkout: Checkout, oid: string): Promise<AheadCommit> {
  const { git } = checkout;
  const told = (await git.ask('show', '--no-patch', '--format=%P%x00%T%x00%s%x00%B', oid, '--')) ?? '';
  const [parents = '', tree = '', subject = '', body = ''] = told.split('\0');
  const [first, second, ...more] = parents.split(' ').filter((parent) => parent !== '');
  const theirs: AheadCommit = { oid, subject, byWatcher: false, ids: [] };
  if (first === undefined || more.length > 0) return theirs;
  if (second !== undefined) {
    const merged = await mergeTrees(checkout, first, second);
    return { ...theirs, byWatcher: merged.ok && merged.tree === tree };
  }
  const paths = await git.list('diff-tree', '--no-commit-id', '--name-only', '--no-renames', '-r', '-z', oid, '--');
  const ids = (paths ?? []).map(taskIdOfPath);
  const trailers = body.trimEnd().split('\n\n').at(-1)?.split('\n') ?? [];
  const onlyTasks = ids.length > 0 && ids.every((id) => id !== null);
  return { ...theirs, byWatcher: trailers.includes(FILED_BY) && onlyTasks, ids: ids.filter((id) => id !== null) };
}
