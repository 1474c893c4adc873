import { join } from 'node:path';
import { listInside } from './list-inside.ts';

const QUEUE = /^[0-9a-f]{16}$/;

/**
 * The folders of all queues in a state directory, absolute paths. Where there is none the directory is not one of ours: opening a
 * queue makes it before anything else is made. Never rejects.
 */
export async function listQueues(stateDir: string): Promise<string[]> {
  const found = await listInside(join(stateDir, 'queues'));
  return found.filter(({ name, isFolder }) => isFolder && QUEUE.test(name)).map(({ path }) => path);
}
