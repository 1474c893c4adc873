import { chmod, lstat, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Deletes a folder whole, also where a tool has taken the right to write in its folders away (caches do). What is mounted within it
 * belongs to another place: then all of it stays. False where something is left. Never rejects.
 */
export async function removeFolder(folder: string): Promise<boolean> {
  if ((await findMount(folder)) !== null) return false;
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 2 });
  await remove().catch(async () => {
    const device = (await lstat(folder).catch(() => null))?.dev;
    if (device !== undefined) await openFolders(folder, device);
    await remove().catch(() => {});
  });
  return (await lstat(folder).catch(() => null)) === null;
}

/** Why a folder cannot be deleted and what a person may do about it, in words. Never rejects. */
export async function explainResistance(folder: string): Promise<string> {
  const mount = await findMount(folder);
  if (mount !== null) return `something is mounted at ${mount}; unmount it`;
  const foreign = await findForeign(folder, process.getuid?.() ?? 0);
  if (foreign === null) return `look at it with ls -la ${folder}`;
  return `${foreign.path} belongs to another user (number ${foreign.uid}), as what a container writes does; sudo rm -r ${folder}`;
}

async function openFolders(folder: string, device: number): Promise<void> {
  const info = await lstat(folder).catch(() => null);
  if (!info?.isDirectory() || info.dev !== device) return;
  await chmod(folder, 0o700).catch(() => {});
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await openFolders(join(folder, entry.name), device);
  }
}

/** Where something is mounted in a folder or in its place, also of the same disk; null where nothing is or the system does not tell. */
async function findMount(folder: string): Promise<string | null> {
  const real = await realpath(folder).catch(() => folder);
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  for (const line of table.split('\n')) {
    const place = line
      .split(' ', 5)[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (place === real || place?.startsWith(`${real}/`)) return place;
  }
  return null;
}

async function findForeign(path: string, uid: number): Promise<{ path: string; uid: number } | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  if (info.uid !== uid) return { path, uid: info.uid };
  for (const name of info.isDirectory() ? await readdir(path).catch(() => []) : []) {
    const found = await findForeign(join(path, name), uid);
    if (found !== null) return found;
  }
  return null;
}
