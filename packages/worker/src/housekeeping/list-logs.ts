import { join } from 'node:path';
import { isTaskId } from '@errand/task';
import { type Found, listInside } from './list-inside.ts';

const LOG = /^([0-9A-HJKMNP-TV-Z]{26})\.jsonl$/;

/** The logs of attempts, each with its attempt's nonce. Another's files in a folder of this name are not among them. Never rejects. */
export async function listLogs(root: string): Promise<{ nonce: string; found: Found }[]> {
  const logs: { nonce: string; found: Found }[] = [];
  for (const task of await listInside(root)) {
    for (const found of isTaskId(task.name) ? await listInside(join(root, task.name)) : []) {
      const nonce = found.isFolder ? undefined : LOG.exec(found.name)?.[1];
      if (nonce !== undefined) logs.push({ nonce, found });
    }
  }
  return logs;
}
