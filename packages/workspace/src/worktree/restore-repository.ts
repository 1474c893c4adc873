import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Desk, HEAD } from './desk.ts';
import type { KeptWorktree } from './worktree.ts';

/** What agents do in their worktrees is recorded, never checked, signed, tidied or recursed into. */
const SHARED_SETTINGS = `[core]
	hooksPath = /dev/null
	fsmonitor = false
[gc]
	auto = 0
[maintenance]
	auto = false
[submodule]
	recurse = false
`;

/** Where a repository keeps more settings, other people's objects, and programs. */
const PLANTABLE = ['config.worktree', 'hooks', 'info/attributes', 'info/grafts', 'objects/info/alternates', 'shallow'];

/** Writes the settings of the shared repository anew: agents can write there too. Throws what the file system says. */
export async function restoreRepository(desk: Desk, cache: string): Promise<void> {
  for (const name of PLANTABLE) await rm(join(cache, name), { recursive: true, force: true });
  await replaceFile(join(cache, 'config'), desk.config + SHARED_SETTINGS);
  await replaceFile(join(cache, 'HEAD'), HEAD);
}

/**
 * Writes the files that tie a worktree to its repository anew, and makes its folder there where it is gone; HEAD and index
 * stay the agent's. Throws what the file system says.
 */
export async function restoreAdmin({ admin, cwd, branch }: KeptWorktree): Promise<void> {
  if (!(await lstat(admin).catch(() => null))?.isDirectory()) {
    await rm(admin, { force: true });
    await mkdir(admin, { recursive: true, mode: 0o700 });
  }
  for (const name of ['config.worktree', 'index.lock', 'HEAD.lock'])
    await rm(join(admin, name), { recursive: true, force: true });
  await replaceFile(join(admin, 'commondir'), '../..\n');
  await replaceFile(join(admin, 'gitdir'), `${join(cwd, '.git')}\n`);
  if ((await lstat(join(admin, 'HEAD')).catch(() => null)) === null) await pointHead(admin, branch);
  // Anything else there is the agent's own repository, and its files are what counts.
  if ((await lstat(join(cwd, '.git')).catch(() => null)) === null) await replaceFile(join(cwd, '.git'), `gitdir: ${admin}\n`);
}

/** Puts a worktree on a branch without touching its files. Throws what the file system says. */
export function pointHead(admin: string, branch: string): Promise<void> {
  return replaceFile(join(admin, 'HEAD'), `ref: refs/heads/${branch}\n`);
}

/** Puts a whole file in the place of whatever is there, never through a link. Throws what the file system says. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { flag: 'wx' });
  await rename(draft, path).catch(async (error: unknown) => {
    await rm(draft, { force: true });
    throw error;
  });
}
