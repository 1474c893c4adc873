import { parseCommit } from './objects.ts';
import type { GitPort } from './port.ts';

/** Steps that are walked in the clone before git is asked. */
const NEAR = 32;

/** Whether `tip` has `ancestor` in its history. Where the clone's history does not reach, it is deepened once; null where even then nobody can tell. */
export async function isDescendant(port: GitPort, tip: string | null, ancestor: string): Promise<boolean | null> {
  if (tip === null) return false;
  let at: string | undefined = tip;
  for (let step = 0; step < NEAR && at !== undefined; step++) {
    if (at === ancestor) return true;
    const commit = await port.read(at);
    at = commit?.type === 'commit' ? parseCommit(commit.content).parents[0] : undefined;
  }
  const known = await port.isAncestor(ancestor, tip);
  if (known !== null) return known;
  await port.deepen();
  return port.isAncestor(ancestor, tip);
}
