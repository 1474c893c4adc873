import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '../open-checkout.ts';
import type { GitRun } from './run-git.ts';

/** `failed` says nothing about the two commits: git could not do it now. */
export type MergedTree =
  | { how: 'merged'; tree: string }
  | { how: 'conflict'; paths: readonly string[] }
  | { how: 'failed'; run: GitRun };

/**
 * Merges two commits file by file in an index of its own: neither the person's index nor the work tree is touched. Where both
 * sides changed one file, or there is no single commit that both come from, somebody has to decide, and that is the person.
 */
export async function mergeTrees({ git, gitDir }: Checkout, ours: string, theirs: string): Promise<MergedTree> {
  const common = await git.run({ args: ['merge-base', '--all', ours, theirs] });
  // It ends with 1 where the two have nothing in common.
  if (common.exitCode !== 0 && common.exitCode !== 1) return failed(common);
  const [base, ...others] = common.stdout.split('\n').filter(Boolean);
  if (base === undefined || others.length > 0) return { how: 'conflict', paths: [] };
  const index = join(gitDir, 'errand-watch.index');
  const env = { GIT_INDEX_FILE: index };
  // The lock of a watcher that was killed here; nobody else uses this name.
  const clear = () => Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  await clear();
  try {
    const read = await git.run({ args: ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs], env });
    if (read.exitCode !== 0) return failed(read);
    const unmerged = await git.run({ args: ['ls-files', '--unmerged', '-z'], env });
    if (unmerged.exitCode !== 0) return failed(unmerged);
    const conflicts = unmerged.stdout.split('\0').flatMap((line) => line.split('\t').slice(1));
    if (conflicts.length > 0) return { how: 'conflict', paths: [...new Set(conflicts)] };
    const tree = await git.run({ args: ['write-tree'], env });
    return tree.exitCode === 0 ? { how: 'merged', tree: tree.stdout.trim() } : failed(tree);
  } finally {
    await clear();
  }
}

function failed(run: GitRun): MergedTree {
  return { how: 'failed', run };
}
