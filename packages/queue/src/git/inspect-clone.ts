import type { RefEntry } from '../port.ts';
import { readShallowCommits } from './clone-files.ts';
import type { GitSession } from './git-session.ts';
import type { ObjectReader } from './object-reader.ts';
import type { GitRun } from './run-git.ts';

/** What a clone holds, or why it cannot be relied on; `unread` where git did not get so far as to tell. */
export type Inspection = { refs: RefEntry[] } | { damaged: string } | { unread: GitRun };

const FORMAT = '--format=%(objectname) %(objectsize) %(refname)';

/**
 * Reads all refs in one process, and the commit and tree of the branch: what a fetch that "succeeded" must have left readable.
 * Git says little by its exit status here: it leaves broken refs out with a warning.
 */
export async function inspectClone(session: GitSession, dir: string, reader: ObjectReader, branch: string): Promise<Inspection> {
  const ref = `refs/heads/${branch}`;
  const run = await session.local(dir, ['for-each-ref', FORMAT, ref, 'refs/errand/']);
  if (run.stopped !== undefined && run.stopped !== 'crashed') return { unread: run };
  if (run.exitCode !== 0 || run.stderr !== '') return { damaged: firstLine(run.stderr) || 'its refs cannot be read' };
  // A branch `main/x` would match the pattern `refs/heads/main` too.
  const refs = parseRefs(run.stdout).filter(({ name }) => name === ref || name.startsWith('refs/errand/'));
  const tip = refs.find(({ name }) => name === ref);
  if (tip === undefined) return { refs };
  const commit = await reader.read(tip.oid);
  if (commit?.type !== 'commit') return { damaged: `${ref} points to ${tip.oid}, which is not a readable commit` };
  const header = commit.content.toString('latin1', 0, commit.content.indexOf('\n\n'));
  const cut = await readShallowCommits(dir);
  if ([...cut].some((line) => !/^[0-9a-f]+$/.test(line))) return { damaged: 'its list of shallow commits cannot be read' };
  const [parent] = cut.has(tip.oid) ? [] : header.matchAll(/^parent (\w+)$/gm);
  if (parent !== undefined && (await reader.read(parent[1] as string)) === null) {
    return { damaged: `the parent of ${tip.oid} is missing` };
  }
  const tree = header.slice(5, header.indexOf('\n'));
  if ((await reader.read(tree))?.type !== 'tree') return { damaged: `the tree ${tree} of ${ref} is not readable` };
  return { refs };
}

/** As many refs as can be read in a damaged clone. */
export async function salvageRefs(session: GitSession, dir: string, reader: ObjectReader, branch: string): Promise<RefEntry[]> {
  const run = await session.local(dir, [
    'for-each-ref',
    '--format=%(objectname) 0 %(refname)',
    `refs/heads/${branch}`,
    'refs/errand/',
  ]);
  const found = await Promise.all(
    parseRefs(run.stdout).map(async (entry) => {
      const object = await reader.read(entry.oid);
      return object === null ? [] : [{ ...entry, size: object.content.length }];
    }),
  );
  return found.flat();
}

function parseRefs(text: string): RefEntry[] {
  return text.split('\n').flatMap((line) => {
    const row = /^([0-9a-f]+) (\d+) (.+)$/.exec(line);
    return row === null ? [] : [{ name: row[3] as string, oid: row[1] as string, size: Number(row[2]) }];
  });
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
