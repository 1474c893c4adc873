import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Replaces a file whole: after a crash at any instant it holds the old content or the new. `sync` is what a power cut leaves:
 * `true` the new content once this is done, `'content'` the old or the new, `false` anything, also an empty file.
 */
export async function writeDurably(
  path: string,
  content: string,
  { sync = true }: { sync?: boolean | 'content' } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = draftOf(path);
  try {
    await writeWhole(temporary, content, sync !== false);
    await rename(temporary, path);
  } catch (error) {
    // A disk that is full is tried again and again: nothing may pile up.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  if (sync === true) await syncFolder(dirname(path));
}

/**
 * Makes a file that appears at once and whole, and survives a power cut once this is done. False where there is one of that name,
 * which stays as it is, and of which the name is then as durable.
 */
export async function createDurably(path: string, content: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = draftOf(path);
  let made = true;
  try {
    await writeWhole(draft, content, true);
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    made = false;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  await syncFolder(dirname(path));
  return made;
}

/** Named after its writer, for `removeDeadDrafts`. */
function draftOf(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

async function writeWhole(path: string, content: string, sync: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/** Names in a folder; none where there is no folder. Another failure is not an absence. */
export async function listNames(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Removes what a process left that was killed while it wrote in this folder; the drafts of living processes stay. */
export async function removeDeadDrafts(folder: string): Promise<void> {
  for (const name of await listNames(folder)) {
    const writer = /\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
    if (writer !== undefined && !exists(Number(writer))) await rm(join(folder, name), { force: true });
  }
}

/** A process id that was given out again keeps a draft for a while; that is all. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes files of one folder; several cost no more syncing than one. */
export async function removeDurably(...paths: string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
  for (const folder of new Set(paths.map(dirname))) await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  if (!folder) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A file's text, or null where there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/**
 * JSON files of a folder by their name without `.json`. One that is no JSON, or lacks one of these keys, is set aside as
 * `<name>.damaged`, never deleted.
 */
export async function readJsonFolder<T extends object>(
  folder: string,
  keys: readonly (keyof T & string)[],
): Promise<Map<string, T>> {
  await removeDeadDrafts(folder);
  const entries = new Map<string, T>();
  for (const name of await listNames(folder)) {
    if (!name.endsWith('.json')) continue;
    const text = await readIfThere(join(folder, name));
    if (text === null) continue;
    const value = parseObject(text);
    if (value && keys.every((key) => key in value)) entries.set(name.slice(0, -'.json'.length), value as T);
    else await rename(join(folder, name), join(folder, `${name}.damaged`));
  }
  return entries;
}

/** What a file's text says, or null where it is no JSON, or no object. */
export function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
