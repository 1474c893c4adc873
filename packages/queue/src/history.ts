import { parseCommit } from './objects.ts';
import type { GitPort } from './port.ts';

/** Steps that are walked in the clone before git is asked. */
const NEAR = 32;

/** `cut off`: even with all the history that is to be had nobody can tell; `unasked`: it could not be had now. */
export type Descent = boolean | 'cut off' | 'unasked';

/** Whether `tip` has `ancestor` in its history. Where the clone's history does not reach, it is deepened once; null where even then nobody can tell. */
export async function isDescendant(port: GitPort, tip: string | null, ancestor: string): Promise<boolean | null> {
  const descent = await traceDescent(port, tip, ancestor);
  return typeof descent === 'boolean' ? descent : null;
}

/** The same for who must know whether it is worth asking again. */
export async function traceDescent(port: GitPort, tip: string | null, ancestor: string): Promise<Descent> {
  if (tip === null) return false;
  let at: string | undefined = tip;
  for (let step = 0; step < NEAR && at !== undefined; step++) {
    if (at === ancestor) return true;
    const commit = await port.read(at);
    at = commit?.type === 'commit' ? parseCommit(commit.content).parents[0] : undefined;
  }
  const known = await port.isAncestor(ancestor, tip);
  if (known !== null) return known;
  const deepened = await port.deepen();
  // Asked twice: a git that was killed says as little as a history that is cut off.
  const told = (await port.isAncestor(ancestor, tip)) ?? (await port.isAncestor(ancestor, tip));
  return told ?? (deepened.ok ? 'cut off' : 'unasked');
}
