import { taskIdOfPath } from '@errand/task';
import { mergeTrees } from '../git/merge-trees.ts';
import { NoAnswer } from '../git/no-answer.ts';
import type { Checkout } from '../open-checkout.ts';
import type { AheadCommit } from './survey.ts';

/** A trailer of every commit that a watcher makes; it survives a rebase of the person's, and hooks that add their own. */
export const FILED_BY = 'Filed-by: errand watch';

/** A commit as git tells it. */
interface ToldCommit {
  oid: string;
  parents: readonly string[];
  tree: string;
  subject: string;
  message: string;
  /** Paths that it changes; none of a merge. */
  paths: readonly string[];
  /** Those of them that it removes. */
  removed: readonly string[];
}

/** `open`: merges that were not looked into. They count as the person's as long as something else is the person's too. */
interface Classified {
  settled: readonly AheadCommit[];
  open: readonly AheadCommit[];
}

/**
 * Whose work each commit is, whatever their number; throws `NoAnswer` where git fails. Only what is surely a watcher's counts as
 * that. To judge a merge takes several processes, and beside a commit of the person's it changes nothing.
 */
export async function classifyCommits(checkout: Checkout, oids: readonly string[]): Promise<Classified> {
  const told = oids.length === 0 ? [] : await readCommits(checkout, oids);
  const plain = told.filter(({ parents }) => parents.length < 2).map(judge);
  const merges = told.filter(({ parents }) => parents.length > 1);
  if (!plain.every(({ byWatcher }) => byWatcher)) return { settled: plain, open: merges.map(theirs) };
  const settled = [...plain];
  for (const merge of merges) settled.push({ ...theirs(merge), byWatcher: await isGitsOwn(checkout, merge) });
  return { settled, open: [] };
}

function theirs({ oid, subject }: ToldCommit): AheadCommit {
  return { oid, subject, byWatcher: false, takenBack: false, ids: [], removed: [] };
}

/** Whether git alone makes the same merge. */
async function isGitsOwn(checkout: Checkout, { parents, tree }: ToldCommit): Promise<boolean> {
  const [first = '', second = '', ...more] = parents;
  if (more.length > 0) return false;
  const merged = await mergeTrees(checkout, first, second);
  if (merged.how === 'failed') throw new NoAnswer(merged.run);
  return merged.how === 'merged' && merged.tree === tree;
}

function judge(commit: ToldCommit): AheadCommit {
  const { parents, message, paths, removed } = commit;
  if (parents.length === 0) return theirs(commit);
  const ids = paths.map(taskIdOfPath);
  const trailers = message.trimEnd().split('\n\n').at(-1)?.split('\n') ?? [];
  const onlyTasks = ids.length > 0 && ids.every((id) => id !== null);
  return {
    ...theirs(commit),
    byWatcher: onlyTasks && trailers.includes(FILED_BY),
    ids: ids.filter((id) => id !== null),
    removed: removed.flatMap((path) => taskIdOfPath(path) ?? []),
  };
}

async function readCommits({ git }: Checkout, oids: readonly string[]): Promise<ToldCommit[]> {
  const input = oids.map((oid) => `${oid}\n`).join('');
  const format = '--format=%H%x00%P%x00%T%x00%s%x00%B';
  const [log, diffs] = await Promise.all([
    git.demand({ args: ['log', '-z', '--no-walk=unsorted', '--no-show-signature', format, '--stdin'], input }),
    git.demand({ args: ['diff-tree', '--stdin', '-r', '-z', '--no-renames'], input }),
  ]);
  const paths = parseDiffs(diffs);
  const fields = log.split('\0');
  return Array.from({ length: Math.floor(fields.length / 5) }, (_, i): ToldCommit => {
    const [oid = '', parents = '', tree = '', subject = '', message = ''] = fields.slice(5 * i, 5 * i + 5);
    const changed = paths.get(oid) ?? [];
    return {
      oid,
      parents: parents.split(' ').filter(Boolean),
      tree,
      subject,
      message,
      paths: changed.map(({ path }) => path),
      removed: changed.flatMap(({ path, isRemoved }) => (isRemoved ? [path] : [])),
    };
  });
}

interface ChangedPath {
  path: string;
  isRemoved: boolean;
}

/** The paths of each commit: its name stands before them, and before each path, behind a colon, what became of it. */
function parseDiffs(text: string): Map<string, ChangedPath[]> {
  const byCommit = new Map<string, ChangedPath[]>();
  let paths: ChangedPath[] = [];
  let change: string | null = null;
  for (const part of text.split('\0')) {
    if (change !== null) {
      paths.push({ path: part, isRemoved: change.endsWith(' D') });
      change = null;
    } else if (part.startsWith(':')) change = part;
    else {
      paths = [];
      byCommit.set(part, paths);
    }
  }
  return byCommit;
}
