import { randomBytes } from 'node:crypto';
import { access, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ObjectFormat } from './encode-object.ts';

/** What the files of a clone say without asking git. */
export interface CloneFiles {
  format: ObjectFormat;
  /** Of the folder itself: another number means that somebody re-made the clone. */
  inode: number;
}

/** Null where there is no clone, or not one that git would take for a repository. */
export async function inspectCloneFiles(dir: string): Promise<CloneFiles | null> {
  try {
    const [config, head, objects] = await Promise.all([
      readFile(join(dir, 'config'), 'utf8'),
      readFile(join(dir, 'HEAD'), 'utf8'),
      stat(join(dir, 'objects')),
      stat(join(dir, 'refs')),
    ]);
    if (!/^ref: refs\/heads\/\S+\n?$/.test(head) || !/bare\s*=\s*true/.test(config)) return null;
    return { format: /objectformat\s*=\s*sha256/i.test(config) ? 'sha256' : 'sha1', inode: objects.ino };
  } catch {
    return null;
  }
}

/** True where the branch was fetched before. Only the first fetch of a branch is shallow: another one destroys ancestry. */
export async function hasRefFile(dir: string, ref: string): Promise<boolean> {
  if (await exists(join(dir, ref))) return true;
  const packed = await readFile(join(dir, 'packed-refs'), 'utf8').catch(() => '');
  return packed.split('\n').some((line) => line.endsWith(` ${ref}`));
}

const UNFILTERED = 'errand-unfiltered';

/** True where blobs may be left out: the remote hands them over later. */
export async function isFiltered(dir: string): Promise<boolean> {
  return !(await exists(join(dir, UNFILTERED)));
}

/** Marks a clone of a remote that leaves blobs out when asked, and then does not hand over a single one. */
export async function markUnfiltered(dir: string): Promise<void> {
  await writeFile(join(dir, UNFILTERED), '');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The commits at which the clone's history is cut off. */
export async function readShallowCommits(dir: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(dir, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

export async function countPacks(dir: string): Promise<number> {
  const files = await readdir(join(dir, 'objects', 'pack')).catch(() => []);
  return files.filter((file) => file.endsWith('.pack')).length;
}

/** Lock files of git in the clone, with their age in milliseconds. */
export async function findLockFiles(dir: string, now: number): Promise<{ path: string; ageMs: number }[]> {
  const inRefs = await readdir(join(dir, 'refs'), { recursive: true }).catch(() => []);
  const atTop = await readdir(dir).catch(() => []);
  const names = [...atTop, ...inRefs.map((name) => join('refs', name))].filter((name) => name.endsWith('.lock'));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name);
      const info = await stat(path).catch(() => null);
      return info === null ? [] : [{ path, ageMs: now - info.mtimeMs }];
    }),
  );
  return found.flat();
}

/** A name beside the clone for one that is being made, or taken away. */
export function nameBeside(dir: string, what: 'new' | 'old'): string {
  return join(dirname(dir), `${basename(dir)}.${what}-${randomBytes(5).toString('hex')}`);
}

/** Puts a newly made clone in the place of the old one, whose new path is returned: it is to be deleted. */
export async function replaceClone(dir: string, made: string): Promise<string> {
  const old = nameBeside(dir, 'old');
  await stat(made);
  await rename(dir, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  try {
    await rename(made, dir);
  } catch (error) {
    await rename(old, dir).catch(() => {});
    throw error;
  }
  return old;
}

/** Deletes a clone that was put aside. Never rejects: what resists is a leftover like any other. */
export async function deleteClone(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** Puts an empty clone where none is, unless another process was faster. */
export async function placeClone(dir: string, made: string): Promise<void> {
  const old = nameBeside(dir, 'old');
  if ((await inspectCloneFiles(dir)) === null) await rename(dir, old).catch(() => {});
  await rename(made, dir).catch(() => {});
  await rm(old, { recursive: true, force: true });
}

const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/** Deletes what a process that was killed in the middle of re-making left beside the clone. */
export async function removeLeftovers(dir: string, now: number): Promise<void> {
  const names = await readdir(dirname(dir)).catch(() => []);
  const leftover = names.filter((name) => name.startsWith(`${basename(dir)}.new-`) || name.startsWith(`${basename(dir)}.old-`));
  for (const name of leftover) {
    const path = join(dirname(dir), name);
    const info = await stat(path).catch(() => null);
    if (info !== null && now - info.mtimeMs > LEFTOVER_AGE_MS) await deleteClone(path);
  }
}
