import { readShallowCommits } from './clone-files.ts';
import type { GitSession } from './git-session.ts';
import type { ObjectReader } from './object-reader.ts';

/**
 * Whether one commit is in the history of another: null where that history is cut off before it could tell, and where a git did not
 * get so far as to answer.
 */
export async function decideAncestry(
  session: GitSession,
  dir: string,
  reader: ObjectReader,
  ancestor: string,
  descendant: string,
): Promise<boolean | null> {
  const asked = await session.local(dir, ['merge-base', '--is-ancestor', ancestor, descendant]);
  if (asked.exitCode === null) return null;
  if (asked.exitCode === 0) return true;
  const roots = await session.local(dir, ['rev-list', '--max-parents=0', descendant, '--']);
  if (roots.exitCode !== 0) return null;
  const cut = await readShallowCommits(dir);
  for (const oid of roots.stdout.split('\n').filter((line) => cut.has(line))) {
    // To git a commit at which it was cut off has no parents; its own text tells. (A true root is listed as cut off too.)
    const commit = await reader.read(oid);
    if (commit === null || /^parent /m.test(headerOf(commit.content))) return null;
  }
  return false;
}

function headerOf(commit: Buffer): string {
  return commit.toString('latin1', 0, commit.indexOf('\n\n'));
}
