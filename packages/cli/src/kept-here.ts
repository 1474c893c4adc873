import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptEntry } from '@errand/task';

/** A result that the worker of this machine may not record, or whose answer the server refused. */
export interface KeptResult {
  path: string;
  /** How its attempt ended; null where the file cannot be read. */
  attempt: Pick<AttemptEntry, 'attempt' | 'worker' | 'outcome' | 'cause' | 'ended_at'> | null;
}

/** What of a task is kept in a queue's folder on this machine, in the order of its nonces, which is that of time. */
export async function findKeptHere(queueDir: string, id: string): Promise<KeptResult[]> {
  const folder = join(queueDir, 'kept');
  const names = await readdir(folder).catch((): string[] => []);
  const own = names.filter((name) => name.startsWith(`${id}.`) && name.endsWith('.md')).sort();
  if (own.length === 0) return [];
  const { readResultHead } = await import('@errand/task');
  return Promise.all(
    own.map(async (name) => {
      const path = join(folder, name);
      const head = readResultHead(path, await readFile(path, 'utf8').catch(() => ''));
      const last = head.ok ? head.value.attempts.at(-1) : undefined;
      if (last === undefined) return { path, attempt: null };
      const { attempt, worker, outcome, cause, ended_at } = last;
      return { path, attempt: { attempt, worker, outcome, ...(cause !== undefined && { cause }), ended_at } };
    }),
  );
}
