import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file or folder as it lies there. */
export interface Found {
  name: string;
  /** Absolute. */
  path: string;
  isFolder: boolean;
  /** Last change, wall clock in milliseconds. */
  changedAtMs: number;
  /** Room that it takes on the disk, bytes; of a folder without what is in it. */
  bytes: number;
}

/** What is in a folder, links as themselves; nothing where there is no folder, or a link in its place. Never rejects. */
export async function listInside(folder: string): Promise<Found[]> {
  if (!(await lstat(folder).catch(() => null))?.isDirectory()) return [];
  const found: Found[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const info = await lstat(path).catch(() => null);
    if (info === null) continue;
    found.push({ name, path, isFolder: info.isDirectory(), changedAtMs: info.mtimeMs, bytes: info.blocks * 512 });
  }
  return found;
}

/** Deletes a file that has not changed since it was listed, and the folders above it, up to `root`, that are empty then. Never rejects. */
export async function removeFile({ path, changedAtMs }: Found, root = dirname(path)): Promise<boolean> {
  const info = await lstat(path).catch(() => null);
  if (info === null || info.mtimeMs !== changedAtMs) return info === null;
  const gone = await unlink(path).then(
    () => true,
    () => false,
  );
  for (let above = dirname(path); gone && above.startsWith(`${root}/`); above = dirname(above)) {
    const emptied = await rmdir(above).then(
      () => true,
      () => false,
    );
    if (!emptied) break;
  }
  return gone;
}
