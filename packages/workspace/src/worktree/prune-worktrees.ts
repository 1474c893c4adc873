import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Desk } from './desk.ts';
import { readCommit } from './fetch-base.ts';
import { replaceFile } from './restore-repository.ts';

interface Entry {
  admin: string;
  /** The worktree's folder, as its metadata says. */
  cwd: string;
  /** Whether that folder is there. */
  live: boolean;
}

/** Forgets the worktrees whose folder is gone, and the branches that they were made with. Throws what the file system says. */
export async function pruneWorktrees(desk: Desk, cache: string): Promise<void> {
  for (const { admin, cwd, live } of await listWorktrees(cache)) {
    if (live) continue;
    await rm(admin, { recursive: true, force: true });
    const branch = branchOf(cwd);
    if (branch !== null && !(await isCheckedOut(cache, branch))) await deleteBranch(desk, cache, branch);
  }
}

export async function hasWorktrees(cache: string): Promise<boolean> {
  return (await listWorktrees(cache)).some(({ live }) => live);
}

/** Frees a branch that an earlier worktree is on: that one stays at the same commit, on no branch. */
export async function freeBranch(desk: Desk, cache: string, branch: string): Promise<void> {
  for (const { admin } of await listWorktrees(cache)) {
    if (!(await isOn(admin, branch))) continue;
    const oid = await readCommit(desk, cache, `refs/heads/${branch}`);
    if (oid === null) await rm(admin, { recursive: true, force: true });
    else await replaceFile(join(admin, 'HEAD'), `${oid}\n`);
  }
  await rm(join(cache, 'refs/heads', `${branch}.lock`), { force: true });
}

/** Best effort: a branch too many does no harm. */
export async function deleteBranch(desk: Desk, cache: string, branch: string): Promise<void> {
  await desk.local({ gitDir: cache }, ['update-ref', '-d', `refs/heads/${branch}`]);
}

async function isCheckedOut(cache: string, branch: string): Promise<boolean> {
  for (const { admin } of await listWorktrees(cache)) if (await isOn(admin, branch)) return true;
  return false;
}

async function isOn(admin: string, branch: string): Promise<boolean> {
  return (await readFile(join(admin, 'HEAD'), 'utf8').catch(() => '')).trim() === `ref: refs/heads/${branch}`;
}

/** `<state>/work/<id>/<attempt>`, perhaps with a suffix, tells the branch. */
function branchOf(cwd: string): string | null {
  const attempt = /^(\d+)(?:\.\d+)?$/.exec(basename(cwd))?.[1];
  return attempt === undefined ? null : `errand/${basename(dirname(cwd))}/${attempt}`;
}

async function listWorktrees(cache: string): Promise<Entry[]> {
  const folder = join(cache, 'worktrees');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const admin = join(folder, name);
      const cwd = dirname((await readFile(join(admin, 'gitdir'), 'utf8').catch(() => '')).trim());
      return { admin, cwd, live: (await lstat(cwd).catch(() => null))?.isDirectory() === true && cwd.startsWith('/') };
    }),
  );
}
