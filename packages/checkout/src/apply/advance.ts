import { gitWords } from '../git/git-words.ts';
import { mergeTrees } from '../git/merge-trees.ts';
import type { GitRun } from '../git/run-git.ts';
import { type Checkout, shortName } from '../open-checkout.ts';
import { FILED_BY } from '../survey/classify-commits.ts';
import { findEngagement } from '../survey/find-engagement.ts';
import { FROM_INPUT, type LocalEnd, literal } from './commit-changes.ts';
import { findObstacles } from './obstacles.ts';

/**
 * Takes the branch, the index and the work tree to a commit that descends from what is checked out. Git itself refuses, and
 * changes nothing, where that would touch a file that is not as the last commit has it; what is staged stays staged.
 */
export async function advance(checkout: Checkout, head: string, to: string): Promise<LocalEnd> {
  const found = await findEngagement(checkout);
  if (found.engagement !== null || found.head !== head) return { how: 'overtaken' };
  const first = await stepForward(checkout, to);
  if (first.exitCode === 0) return judgeArrival(checkout, to);
  const obstacles = await findObstacles(checkout, head, to);
  const left = obstacles.flatMap(({ kind, path }) => (kind === 'theirs' ? [path] : []));
  const written = obstacles.filter((one) => one.kind === 'written');
  if (written.length === 0 || left.length > 0) return { how: 'refused', text: gitWords(first), paths: left };
  // A pull that was killed has written these files, and nobody has noted it. With the note git finds nothing to overwrite.
  const input = written.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}\0`).join('');
  const noted = await checkout.git.run({ args: ['update-index', '--add', '-z', '--index-info'], input });
  if (noted.exitCode !== 0) return { how: 'refused', text: gitWords(noted), paths: [] };
  const second = await stepForward(checkout, to);
  if (second.exitCode === 0) return judgeArrival(checkout, to);
  await checkout.git.run({ args: ['reset', '--quiet', ...FROM_INPUT], input: literal(written.map(({ path }) => path)) });
  return { how: 'refused', text: gitWords(second), paths: [] };
}

/** Runs to its end, whatever that takes: broken off in the middle, it leaves files behind that look like the person's own. */
function stepForward({ git }: Checkout, to: string): Promise<GitRun> {
  // The person's `branch.<name>.mergeOptions` may say otherwise.
  const options = ['--ff-only', '--no-squash', '--commit', '--no-autostash', '--no-overwrite-ignore', '--quiet', '--no-stat'];
  // A submodule is somebody's checkout too.
  const args = ['-c', 'submodule.recurse=false', 'merge', ...options, to];
  return git.run({ args, timeoutMs: null });
}

async function judgeArrival({ git }: Checkout, to: string): Promise<LocalEnd> {
  const now = await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (now === to) return { how: 'done', commit: to };
  return { how: 'refused', text: 'git merge ended well, but the branch is somewhere else', paths: [] };
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
