import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitWords } from '../git/git-words.ts';
import { type Checkout, shortName } from '../open-checkout.ts';
import { hasOpenCommit } from './find-open-commit.ts';
import type { Engagement } from './survey.ts';

/** What git leaves in its directory while an operation of several steps is under way (`git status` looks at the same). */
const MARKS: readonly (readonly [string, 'rebase' | 'merge' | 'cherry-pick' | 'revert' | 'bisect' | 'patches'])[] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply/applying', 'patches'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['sequencer', 'cherry-pick'],
  ['BISECT_LOG', 'bisect'],
];

/** What the person is in the middle of, or null; `head` is the commit that is checked out then. */
export async function findEngagement(
  checkout: Checkout,
): Promise<{ engagement: Engagement } | { engagement: null; head: string }> {
  const { git, gitDir, ref } = checkout;
  const found = await Promise.all(
    [['index.lock', 'index-locked'] as const, ...MARKS].map(async ([name, what]) => ({ what, seen: await look(gitDir, name) })),
  );
  const mark = found.find(({ what, seen }) => what !== 'index-locked' && seen !== null);
  if (mark !== undefined && mark.what !== 'index-locked') return { engagement: { what: mark.what } };
  const lock = found[0]?.seen ?? null;
  if (lock !== null) {
    const path = join(gitDir, 'index.lock');
    return { engagement: { what: 'index-locked', path, sinceWallMs: lock.mtimeMs } };
  }
  const tip = await git.run({ args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'] });
  if (tip.exitCode !== 0) return { engagement: { what: 'unreadable', text: gitWords(tip) } };
  const now = await git.ask('symbolic-ref', '--quiet', 'HEAD');
  if (now === null) return { engagement: { what: 'detached' } };
  if (now !== ref) return { engagement: { what: 'other-branch', branch: shortName(now) } };
  if (await hasOpenCommit(checkout)) return { engagement: { what: 'commit' } };
  return { engagement: null, head: tip.stdout.trim() };
}

async function look(gitDir: string, name: string): Promise<{ mtimeMs: number } | null> {
  return stat(join(gitDir, name)).catch(() => null);
}
