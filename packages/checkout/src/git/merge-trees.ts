import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '../open-checkout.ts';

export type MergedTree = { ok: true; tree: string } | { ok: false; conflicts: readonly string[] };

/**
 * Merges two commits file by file in an index of its own: neither the person's index nor the work tree is touched. Where both
 * sides changed one file, or there is no single commit that both come from, somebody has to decide, and that is the person.
 */
export async function mergeTrees({ git, gitDir }: Checkout, ours: string, theirs: string): Promise<MergedTree> {
  const [base, ...others] = ((await git.ask('merge-base', '--all', ours, theirs)) ?? '').split('\n').filter(Boolean);
  if (base === undefined || others.length > 0) return { ok: false, conflicts: [] };
  const index = join(gitDir, 'errand-watch.index');
  const env = { GIT_INDEX_FILE: index };
  // The lock of a watcher that was killed here; nobody else uses this name.
  const clear = () => Promise.all([rm(index, { force: true }), rm(`${index}.lock`, { force: true })]);
  await clear();
  try {
    const read = await git.run({ args: ['read-tree', '-i', '-m', '--aggressive', base, ours, theirs], env });
    if (read.exitCode !== 0) return { ok: false, conflicts: [] };
    const unmerged = await git.run({ args: ['ls-files', '--unmerged', '-z'], env });
    const conflicts = unmerged.stdout.split('\0').flatMap((line) => line.split('\t').slice(1));
    if (conflicts.length > 0) return { ok: false, conflicts: [...new Set(conflicts)] };
    const tree = await git.run({ args: ['write-tree'], env });
    return tree.exitCode === 0 ? { ok: true, tree: tree.stdout.trim() } : { ok: false, conflicts: [] };
  } finally {
    await clear();
  }
}
