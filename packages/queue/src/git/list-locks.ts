import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const QUEUE = /^[0-9a-f]{16}$/;

/**
 * The paths of all locks of errand in a state directory: those of the whole directory, of clones of repositories, and of queues.
 * Further down, git has locks of its own. A directory without a queue is not one of ours, and nothing in it is. Never rejects.
 */
export async function listLocks(stateDir: string): Promise<string[]> {
  const entries = await readdir(join(stateDir, 'queues'), { withFileTypes: true }).catch(() => []);
  const queues = entries.filter((entry) => entry.isDirectory() && QUEUE.test(entry.name));
  if (queues.length === 0) return [];
  const folders = [stateDir, join(stateDir, 'repos'), ...queues.map(({ name }) => join(stateDir, 'queues', name))];
  return (await Promise.all(folders.map(listLocksIn))).flat();
}

async function listLocksIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.lock')).map(({ name }) => join(folder, name));
}
