import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desk } from './desk.ts';
import type { WorktreePlace } from './git-worktree.ts';
import { pointHead } from './restore-repository.ts';
import { stageWork } from './stage-work.ts';

const MAX_COMMITS = 50;
const MAX_SUBJECT = 200;

/** What an operation that the agent did not finish leaves in a worktree's metadata. */
const UNFINISHED = [
  'MERGE_HEAD',
  'MERGE_MSG',
  'MERGE_MODE',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'REBASE_HEAD',
  'AUTO_MERGE',
  'SQUASH_MSG',
  'rebase-merge',
  'rebase-apply',
  'sequencer',
];

/**
 * Commits on top of `head` what the work tree has and `head` has not. Gives the new tip and the commits since the base,
 * oldest first, the newest fifty of many. Throws what git and the file system say.
 */
export async function commitWork(
  desk: Desk,
  place: WorktreePlace,
  head: string,
  message: { subject: string; id: string; attempt: number },
): Promise<{ tip: string; commits: string[] }> {
  const { cache, baseOid } = place.kept;
  const objects = { objects: join(cache, 'objects') };
  const tree = await stageWork(desk, place.kept, head);
  const before = (await desk.must(objects, ['rev-parse', '--verify', `${head}^{tree}`])).toString('latin1').trim();
  const tip = tree === before ? head : await writeCommit(desk, place, tree, head, message);
  const range = ['rev-list', '--topo-order', '--reverse', `--max-count=${MAX_COMMITS}`, tip, `^${baseOid}`];
  const listed = (await desk.must(objects, range)).toString('latin1');
  await settle(desk, place, tip).catch(() => {});
  return { tip, commits: listed.split('\n').filter((line) => line !== '') };
}

async function writeCommit(
  desk: Desk,
  { kept, request }: WorktreePlace,
  tree: string,
  parent: string,
  { subject, id, attempt }: { subject: string; id: string; attempt: number },
): Promise<string> {
  const line =
    subject
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, MAX_SUBJECT) || `errand: ${id}`;
  const text = `${line}\n\nErrand-Task: ${id}\nErrand-Attempt: ${attempt}\n`;
  const identity = [`user.name=${request.identity.name}`, `user.email=${request.identity.email}`];
  const args = ['commit-tree', tree, '-p', parent];
  const made = await desk.must({ objects: join(kept.cache, 'objects') }, args, text, identity);
  return made.toString('latin1').trim();
}

/** Leaves the worktree as a person expects it: on its branch, at the commit, with nothing half done. */
async function settle(desk: Desk, { kept }: WorktreePlace, tip: string): Promise<void> {
  const { admin, cache, branch } = kept;
  const ref = `refs/heads/${branch}`;
  await desk.must({ gitDir: cache, lock: join(cache, `${ref}.lock`) }, ['update-ref', ref, tip]);
  await pointHead(admin, branch);
  for (const name of UNFINISHED) await rm(join(admin, name), { recursive: true, force: true });
  const draft = join(admin, 'index.errand');
  await copyFile(join(desk.dir, 'index'), draft);
  await rename(draft, join(admin, 'index'));
}
