import { type ResultStates, resultsToRead, type View } from '@errand/planner';
import { readResultHead } from '@errand/task';
import type { GitPort } from './port.ts';

/** How finished tasks ended, by the blob of their result. */
export type ResultStateCache = Map<string, 'done' | 'failed' | 'cancelled'>;

/** Reads how the dependencies in a view ended. A result that nobody can read counts as failed: nothing is built on it. */
export async function readResultStates(port: GitPort, view: View, cache: ResultStateCache): Promise<ResultStates> {
  const files = resultsToRead(view);
  const wanted = new Set(files.map(({ blob }) => blob));
  for (const blob of cache.keys()) if (!wanted.has(blob)) cache.delete(blob);
  const unread = files.filter(({ blob }) => !cache.has(blob));
  const missing: string[] = [];
  for (const { blob } of unread) if ((await port.read(blob)) === null) missing.push(blob);
  if (missing.length > 0) await port.fetchBlobs(missing);
  for (const { blob, path } of unread) {
    const object = await port.read(blob);
    if (!object) continue;
    const head = readResultHead(path, object.content.toString('utf8'));
    cache.set(blob, head.ok ? head.value.state : 'failed');
  }
  return new Map(files.flatMap(({ id, blob }) => (cache.has(blob) ? [[id, cache.get(blob) ?? 'failed']] : [])));
}
