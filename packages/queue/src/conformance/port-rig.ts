import type { GitPort } from '../port.ts';

/** A remote and the clones of it, as the suite needs them. */
export interface PortRig extends AsyncDisposable {
  /** Another machine's clone. */
  open(branch?: string): GitPort;
  /** What the remote itself says of a ref. */
  remoteRef(ref: string): Promise<string | null>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** The next push is applied and its answer is lost. */
  loseNextAnswer(): Promise<void>;
  /** From now on the server declines this ref. */
  refuseRef(ref: string): Promise<void>;
}

const MAIN = 'refs/heads/main';

/** Writes a commit on the empty tree, as records are, and returns its oid. */
export async function writeRecordCommit(port: GitPort, words: string, parents: readonly string[] = []): Promise<string> {
  return port.writeCommit({ tree: await port.writeTree([]), parents, message: `${words}\n` });
}

/** Writes a commit whose tree holds these files in `tasks/`, and returns its oid. */
export async function writeTasksCommit(
  port: GitPort,
  files: Record<string, string>,
  parents: readonly string[] = [],
): Promise<string> {
  const entries = Object.entries(files).map(async ([name, text]) => ({ mode: '100644', name, oid: await port.writeBlob(text) }));
  const tasks = await port.writeTree(await Promise.all(entries));
  const tree = await port.writeTree([{ mode: '40000', name: 'tasks', oid: tasks }]);
  return port.writeCommit({ tree, parents, message: `${Object.keys(files).join(' ')}\n` });
}

/** Puts a line of commits on the branch, one per text, each in a push of its own; returns their oids, oldest first. */
export async function pushHistory(port: GitPort, texts: readonly string[]): Promise<string[]> {
  const oids: string[] = [];
  for (const text of texts) {
    const before = oids.at(-1);
    const oid = await writeTasksCommit(port, { 'a.md': text }, before === undefined ? [] : [before]);
    const outcome = await port.push([{ ref: MAIN, to: oid, expect: before ?? null }]);
    if (!outcome.ok) throw new Error(`the branch was not accepted: ${JSON.stringify([...outcome.refs])}`);
    oids.push(oid);
  }
  return oids;
}
