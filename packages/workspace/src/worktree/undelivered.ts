import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listWorktrees } from './prune-worktrees.ts';
import { replaceFile } from './restore-repository.ts';
import { listClones } from './sweep-clones.ts';

/** Beside what git notes of the worktree: so it goes with the worktree, however that goes. */
const MARK = 'errand-undelivered';

/** Notes that commits of this worktree are on their way, and on this disk alone. Never rejects: a mark too few stops no delivery. */
export async function noteUndelivered(admin: string): Promise<void> {
  await replaceFile(join(admin, MARK), '').catch(() => {});
}

/** The remote has what was committed there. Never rejects. */
export async function forgetUndelivered(admin: string): Promise<void> {
  await rm(join(admin, MARK), { force: true }).catch(() => {});
}

/** The folders of worktrees whose commits no remote has taken, as git names them. Never rejects. */
export async function listUndelivered(stateDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const clone of await listClones(stateDir)) {
    for (const { admin, cwd } of await listWorktrees(clone.path)) {
      if ((await lstat(join(admin, MARK)).catch(() => null))?.isFile()) found.push(cwd);
    }
  }
  return found;
}
