import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from './directory.ts';
import { removeFolder } from './remove-folder.ts';

const TRASH = 'trash';
const NAME = /^[0-9a-f]{16}$/;

/**
 * Deletes a folder of the state directory. It is moved aside first: whoever dies in the middle leaves no half of it where somebody
 * would take it for whole and newly changed. False where something of it is left, here or in the trash. Never rejects.
 */
export async function discardFolder(stateDir: string, path: string): Promise<boolean> {
  let aside = path;
  try {
    aside = join(await makeFolders(stateDir, [TRASH]), randomBytes(8).toString('hex'));
    await rename(path, aside);
  } catch {
    // No room for one more name, or another disk: then as it stands.
    aside = path;
  }
  return removeFolder(aside);
}

/** What was moved aside and is not deleted, absolute paths. Never rejects. */
export async function listTrash(stateDir: string): Promise<string[]> {
  const trash = join(stateDir, TRASH);
  if (!(await lstat(trash).catch(() => null))?.isDirectory()) return [];
  const names = await readdir(trash).catch(() => []);
  return names.filter((name) => NAME.test(name)).map((name) => join(trash, name));
}

/** Deletes what was moved aside by a process that died then. Never rejects. */
export async function emptyTrash(stateDir: string): Promise<void> {
  for (const path of await listTrash(stateDir)) await removeFolder(path);
}
