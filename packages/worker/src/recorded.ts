import type { View } from '@errand/planner';
import { readBlob } from '@errand/queue';
import { parseResult, type Result, type ResultHead, readResultHead } from '@errand/task';
import type { WorkerContext } from './context.ts';

/** What the branch has for a task: a result (its head is null where nobody can read it), none, or a text that was not sent. */
export type Recorded =
  | { kind: 'result'; head: ResultHead | null; whole(): Result | null }
  | { kind: 'none' }
  | { kind: 'unknown' };

/** Looks at the result on the branch, to tell whose it is. */
export async function readRecorded({ queue }: WorkerContext, view: View, id: string): Promise<Recorded> {
  const file = view.results.get(id);
  if (!file) return { kind: 'none' };
  const text = await readBlob(queue.port, file.blob);
  if (!text) return { kind: 'unknown' };
  const head = readResultHead(file.path, text.toString('utf8'));
  const whole = (): Result | null => {
    const parsed = parseResult(file.path, text.toString('utf8'));
    return parsed.ok ? parsed.value : null;
  };
  return { kind: 'result', head: head.ok ? head.value : null, whole };
}
