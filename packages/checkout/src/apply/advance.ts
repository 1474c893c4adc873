import { gitWords } from '../git/git-words.ts';
import { mergeTrees } from '../git/merge-trees.ts';
import { type Checkout, shortName } from '../open-checkout.ts';
import { FILED_BY } from '../survey/classify-commits.ts';
import { findEngagement } from '../survey/find-engagement.ts';
import { parseStatus } from '../survey/parse-status.ts';
import type { LocalEnd } from './commit-changes.ts';

/**
 * Takes the branch, the index and the work tree to a commit that descends from what is checked out. Git itself refuses, and
 * changes nothing, where that would touch a file that is not as the last commit has it; what is staged stays staged.
 */
export async function advance(checkout: Checkout, head: string, to: string, signal: AbortSignal): Promise<LocalEnd> {
  const found = await findEngagement(checkout);
  if (found.engagement !== null || found.head !== head) return { how: 'overtaken' };
  const { git } = checkout;
  // The person's `branch.<name>.mergeOptions` may say otherwise.
  const options = ['--ff-only', '--no-squash', '--commit', '--no-autostash', '--no-overwrite-ignore', '--quiet', '--no-stat'];
  // A submodule is somebody's checkout too.
  const run = await git.run({ args: ['-c', 'submodule.recurse=false', 'merge', ...options, to], signal });
  if (run.exitCode === 0) {
    const now = await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
    if (now === to) return { how: 'done', commit: to };
    return { how: 'refused', text: 'git merge ended well, but the branch is somewhere else', paths: [] };
  }
  return { how: 'refused', text: gitWords(run), paths: await findInTheWay(checkout, head, to) };
}

/**
 * Makes the commit that joins the watcher's own commits with what the remote has. No commit is ever rewritten: what is here
 * gets a child that has both, so that bringing the checkout there is a step forward like any other.
 */
export async function makeJoin(
  checkout: Checkout,
  head: string,
  theirs: string,
  signal: AbortSignal,
): Promise<LocalEnd | { how: 'conflict'; paths: readonly string[] }> {
  const { git, remote, remoteRef } = checkout;
  const merged = await mergeTrees(checkout, head, theirs);
  if (merged.how === 'failed') return { how: 'refused', text: gitWords(merged.run), paths: [] };
  if (merged.how === 'conflict') return merged;
  const signs = (await git.ask('config', '--type=bool', '--get', 'commit.gpgSign')) === 'true';
  const message = ['-m', `merge: ${shortName(remoteRef)} of ${remote}`, '-m', FILED_BY];
  const parents = ['-p', head, '-p', theirs];
  const run = await git.run({ args: ['commit-tree', merged.tree, ...parents, ...message, ...(signs ? ['-S'] : [])], signal });
  if (run.exitCode !== 0) return { how: 'refused', text: gitWords(run), paths: [] };
  return { how: 'done', commit: run.stdout.trim() };
}

/** Files of the person's that a step forward would touch. */
async function findInTheWay({ git }: Checkout, head: string, to: string): Promise<readonly string[]> {
  const touched = await git.list('diff-tree', '-r', '-z', '--name-only', '--no-renames', head, to, '--');
  const status = await git.run({
    args: ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'],
  });
  const changed = parseStatus(status.stdout).map(({ path }) => path);
  return (touched ?? []).filter((path) =>
    changed.some((other) => other === path || (other.endsWith('/') && path.startsWith(other))),
  );
}
