import { readCommit, readTree } from './objects.ts';
import type { GitPort, TreeEntry } from './port.ts';

/** A file to put at a path (its blob), or to take away (null). */
export interface PathChange {
  path: string;
  blob: string | null;
}

type Changes = Map<string, string | null | Changes>;

/** Writes the commit that applies `changes` to `tip` (null: the branch's first commit) and returns its oid. */
export async function commitOnTip(
  port: GitPort,
  tip: string | null,
  changes: readonly PathChange[],
  message: string,
): Promise<string> {
  const root: Changes = new Map();
  for (const { path, blob } of changes) plant(root, inBytes(path).split('/'), blob);
  const tree = tip === null ? null : (await readCommit(port, tip)).tree;
  const edited = await editTree(port, tree, root);
  return port.writeCommit({ tree: edited ?? (await port.writeTree([])), parents: tip === null ? [] : [tip], message });
}

/** Tree entries are named by their bytes (see `TreeEntry.name`), paths in text. */
const inBytes = (path: string): string => Buffer.from(path, 'utf8').toString('latin1');

function plant(into: Changes, path: string[], blob: string | null): void {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    into.set(name, blob);
    return;
  }
  const below = into.get(name);
  const next: Changes = below instanceof Map ? below : new Map();
  into.set(name, next);
  plant(next, rest, blob);
}

/** The edited tree's oid, or null where nothing is left in it. Only trees on the way to a change are read. */
async function editTree(port: GitPort, oid: string | null, changes: Changes): Promise<string | null> {
  const entries = new Map<string, TreeEntry>();
  if (oid !== null) for (const entry of await readTree(port, oid)) entries.set(entry.name, entry);
  for (const [name, change] of changes) {
    const old = entries.get(name);
    if (change === null) entries.delete(name);
    else if (typeof change === 'string')
      entries.set(name, { mode: old?.mode === '100755' ? old.mode : '100644', name, oid: change });
    else {
      const below = await editTree(port, old?.mode === '40000' ? old.oid : null, change);
      if (below === null) entries.delete(name);
      else entries.set(name, { mode: '40000', name, oid: below });
    }
  }
  return entries.size === 0 ? null : port.writeTree([...entries.values()]);
}
