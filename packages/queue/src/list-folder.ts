import { readCommit, readTree } from './objects.ts';
import type { GitPort, TreeEntry } from './port.ts';

/** The entries of a top-level folder in a commit, or null where the commit has no such folder (or there is no commit). */
export async function listFolder(port: GitPort, commit: string | null, name: string): Promise<TreeEntry[] | null> {
  if (commit === null) return null;
  const root = await readTree(port, (await readCommit(port, commit)).tree);
  const folder = root.find((entry) => entry.name === name && entry.mode === '40000');
  return folder ? readTree(port, folder.oid) : null;
}
