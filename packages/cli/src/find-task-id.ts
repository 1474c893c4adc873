import type { View } from '@errand/planner';
import type { Io } from './command.ts';
import { type Failure, fail } from './failure.ts';
import { remark } from './remark.ts';

/** So many ids of those that begin alike are listed. */
const MAX_LISTED = 10;

/** The id that a person means: a whole one, or the only one that begins so. What nothing begins with is given back as it is. */
export function findTaskId(given: string, ids: Iterable<string>): { ok: true; id: string } | { ok: false; failure: Failure } {
  const known = new Set(ids);
  if (given === '' || known.has(given)) return { ok: true, id: given };
  const found = [...known].filter((id) => id.startsWith(given)).sort();
  const [id = given, ...more] = found;
  if (more.length === 0) return { ok: true, id };
  const rest = found.length > MAX_LISTED ? ` and ${found.length - MAX_LISTED} more` : '';
  const message = `${found.length} tasks begin with ${JSON.stringify(given)}: ${found.slice(0, MAX_LISTED).join(', ')}${rest}`;
  return fail('usage', 'ambiguous-id', message, 'Type more of the id, until it is the only one.');
}

/** The ids of open and of finished tasks. */
export function idsOf({ tasks, results }: View): string[] {
  return [...tasks.keys(), ...results.keys()];
}

/** Says which task was taken for a beginning; nothing where the id was whole. */
export function tellTaken(io: Io, given: string, id: string): void {
  if (given !== id) remark(io, `${JSON.stringify(given)} was taken for ${id}, the only task that begins so`);
}
