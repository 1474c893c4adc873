import { lstat, readdir, readFile, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { discardFolder } from '../discard-folder.ts';
import { removeFolder } from '../remove-folder.ts';
import { Desk, removeOldDesks } from './desk.ts';
import { hasDeadWorktrees, hasWorktrees, pruneWorktrees } from './prune-worktrees.ts';
import { restoreRepository } from './restore-repository.ts';
import { takeLock } from './take-lock.ts';

/** The clone of a task's repository. */
export interface RepositoryClone {
  /** Absolute. */
  path: string;
  /** When it was last fetched, wall clock in milliseconds: its settings are written anew each time. */
  usedAtMs: number;
  /** A worktree that is still there was made from it. */
  needed: boolean;
}

/** As `cacheName` makes them: another's repository in a folder of this name is none of ours. */
const CLONE = /^([a-z0-9-]+-[0-9a-f]{16})(?:\.\d+)?\.git$/;
const HALF_MADE = /^([a-z0-9-]+-[0-9a-f]{16})(?:\.\d+)?\.git\.new-[0-9a-f]+$/;
const HALF_MADE_AGE_MS = 24 * 60 * 60 * 1_000;
/** From where git itself packs together. */
const MANY_PACKS = 50;
const MANY_LOOSE_IN_FOLDER = 27;

/** Lists the clones in `<state>/repos`, links not followed. Never rejects. */
export async function listClones(stateDir: string): Promise<RepositoryClone[]> {
  const found: RepositoryClone[] = [];
  if (!(await lstat(join(stateDir, 'repos')).catch(() => null))?.isDirectory()) return found;
  for (const name of await listNames(join(stateDir, 'repos'))) {
    const path = join(stateDir, 'repos', name);
    const info = await lstat(path).catch(() => null);
    if (!CLONE.test(name) || !info?.isDirectory()) continue;
    found.push({ path, usedAtMs: info.mtimeMs, needed: await hasWorktrees(path) });
  }
  return found;
}

/** Deletes a clone that nobody uses now and that no worktree needs; false where it stays. Never rejects. */
export async function removeClone(stateDir: string, { path }: RepositoryClone): Promise<boolean> {
  return (await alone(path, async () => !(await hasWorktrees(path)) && (await discardFolder(stateDir, path)))) ?? false;
}

/**
 * Forgets worktrees whose folder is gone, and packs together what has gathered, where that is much; a clone in use is left for the
 * next time. What processes that were killed left half made is deleted. Never rejects.
 */
export async function tidyClones(stateDir: string, env: NodeJS.ProcessEnv, nowMs: number): Promise<void> {
  const repos = join(stateDir, 'repos');
  if (!(await lstat(repos).catch(() => null))?.isDirectory()) return;
  await removeOldDesks(repos, nowMs).catch(() => {});
  for (const name of await listNames(repos)) {
    const path = join(repos, name);
    const info = await lstat(path).catch(() => null);
    if (!info?.isDirectory()) continue;
    if (HALF_MADE.test(name) && nowMs - info.mtimeMs > HALF_MADE_AGE_MS) await alone(path, () => removeFolder(path));
    else if (CLONE.test(name) && (await isUntidy(path))) {
      await alone(path, () => packTogether(repos, path, env)).catch(() => {});
      // Tidying is no use of it.
      await utimes(path, info.atime, info.mtime).catch(() => {});
    }
  }
}

/** Holds the lock that fetching into the clone takes; null where somebody else does. */
async function alone<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  const name = basename(path);
  const repository = (HALF_MADE.exec(name) ?? CLONE.exec(name))?.[1] ?? name;
  const lock = join(path, '..', `${repository}.lock`);
  const taken = await takeLock(lock, { waitMs: 0, what: 'housekeeping', signal: undefined });
  if (!('lock' in taken)) return null;
  try {
    return await work();
  } finally {
    await taken.lock.release();
  }
}

async function isUntidy(path: string): Promise<boolean> {
  const packs = (await listNames(join(path, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  const loose = await listNames(join(path, 'objects', '17'));
  return packs.length > MANY_PACKS || loose.length > MANY_LOOSE_IN_FOLDER || (await hasDeadWorktrees(path));
}

async function packTogether(repos: string, path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const settings = await readFile(join(path, 'config'), 'utf8');
  const format = /objectformat\s*=\s*sha256/i.test(settings) ? 'sha256' : 'sha1';
  await Desk.use(repos, env, format, async (desk) => {
    await restoreRepository(desk, path);
    await pruneWorktrees(desk, path);
    await desk.local({ gitDir: path }, ['gc', '--auto', '--quiet'], undefined, ['gc.auto=6700', 'gc.autoDetach=false']);
  });
}

function listNames(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
