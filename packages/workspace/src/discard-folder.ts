import { randomBytes } from 'node:crypto';
import { lstat, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders, removeFolder } from './directory.ts';

const TRASH = 'trash';

/**
 * Deletes a folder of the state directory. It is moved aside first: whoever dies in the middle leaves no half of it where somebody
 * would take it for whole and newly changed. False where it is still there. Never rejects.
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
  await removeFolder(aside);
  return (await lstat(path).catch(() => null)) === null;
}

/** Deletes what was moved aside by a process that died then. Never rejects. */
export async function emptyTrash(stateDir: string): Promise<void> {
  const trash = join(stateDir, TRASH);
  if (!(await lstat(trash).catch(() => null))?.isDirectory()) return;
  for (const name of await readdir(trash).catch(() => [])) await removeFolder(join(trash, name));
}
