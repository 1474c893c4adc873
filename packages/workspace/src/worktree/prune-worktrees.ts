import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chooseBranch } from './branch-names.ts';
import type { Desk } from './desk.ts';
import { replaceFile } from './restore-repository.ts';

interface Entry {
  admin: string;
  /** Where the worktree is, as git was told. */
  cwd: string;
  /** Whether the worktree's folder is there. */
  live: boolean;
}

const BRANCH_FILE = 'errand-branch';
const BRANCH = /^errand\/[a-z0-9-]+\/\d+(?:-\d+)?$/;

/** Remembers the branch that a worktree was made with, so that it goes with the worktree. */
export function noteBranch(admin: string, branch: string): Promise<void> {
  return replaceFile(join(admin, BRANCH_FILE), `${branch}\n`);
}

/** Forgets the worktrees whose folder is gone, and the branches that they were made with. Throws what the file system says. */
export async function pruneWorktrees(desk: Desk, cache: string): Promise<void> {
  for (const { admin, live } of await listWorktrees(cache)) {
    if (live) continue;
    const branch = (await readPlain(join(admin, BRANCH_FILE))) || (await readBranch(admin)) || '';
    await rm(admin, { recursive: true, force: true });
    if (BRANCH.test(branch) && !(await listCheckedOut(cache)).includes(branch)) await deleteBranch(desk, cache, branch);
  }
}

export async function hasWorktrees(cache: string): Promise<boolean> {
  return (await listWorktrees(cache)).some(({ live }) => live);
}

/** True where `pruneWorktrees` has something to forget. */
export async function hasDeadWorktrees(cache: string): Promise<boolean> {
  return (await listWorktrees(cache)).some(({ live }) => !live);
}

/**
 * Chooses the branch of a new worktree: the first name that neither the remote has, as it was fetched just now, nor this
 * clone, where another attempt may be on it. Throws what git says.
 */
export async function chooseFreeBranch(desk: Desk, cache: string, first: string): Promise<string> {
  const above = dirname(first);
  const places = ['refs/heads/', 'refs/remotes/origin/'];
  const args = ['for-each-ref', '--format=%(refname)', ...places.map((place) => place + above)];
  const refs = (await desk.must({ gitDir: cache }, args)).toString('utf8').split('\n');
  const there = refs.flatMap((ref) => places.filter((place) => ref.startsWith(place)).map((place) => ref.slice(place.length)));
  const branch = chooseBranch(first, [...there, ...(await listCheckedOut(cache))]);
  await rm(join(cache, 'refs/heads', `${branch}.lock`), { force: true });
  return branch;
}

/** Best effort: a branch too many does no harm. */
export async function deleteBranch(desk: Desk, cache: string, branch: string): Promise<void> {
  await desk.local({ gitDir: cache }, ['update-ref', '-d', `refs/heads/${branch}`]).catch(() => {});
}

async function listCheckedOut(cache: string): Promise<string[]> {
  const branches = await Promise.all((await listWorktrees(cache)).map(({ admin }) => readBranch(admin)));
  return branches.filter((branch) => branch !== null);
}

/** The branch that a worktree is on, null where it is on none. */
async function readBranch(admin: string): Promise<string | null> {
  return /^ref: refs\/heads\/(.+)$/.exec(await readPlain(join(admin, 'HEAD')))?.[1] ?? null;
}

/** The worktrees that a clone knows. Never rejects. */
export async function listWorktrees(cache: string): Promise<Entry[]> {
  const folder = join(cache, 'worktrees');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.map(async (name) => {
      const admin = join(folder, name);
      const cwd = dirname(await readPlain(join(admin, 'gitdir')));
      return { admin, cwd, live: (await lstat(cwd).catch(() => null))?.isDirectory() === true && cwd.startsWith('/') };
    }),
  );
}

/** What a small file says; nothing where it is none, since a pipe in its place would keep us waiting. */
async function readPlain(path: string): Promise<string> {
  if (!(await lstat(path).catch(() => null))?.isFile()) return '';
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
