import type { Clock, View } from '@errand/planner';
import type { Queue } from '../open-queue.ts';
import type { GitPort, RefUpdate } from '../port.ts';

/** Files that a commit writes, or takes away (null), by path. */
export interface FileChanges {
  [path: string]: string | null;
}

/** A remote of some kind, clones of it, and a person who commits to its branch `main`. */
export interface Scene extends AsyncDisposable {
  /** Another machine's clone. */
  clone(): GitPort;
  /** The queue as another machine knows it. */
  openQueue(options: { stateDir: string; clock: Clock }): Queue;
  /** What a fresh look shows, by default in a clone that nobody else uses. */
  view(port?: GitPort, atMs?: number): Promise<View>;

  /** A person commits these files on the tip; gives the commit. */
  commit(files: FileChanges): Promise<string>;
  /** A person moves the branch to this commit by force, with these files on top. */
  moveBack(to: string, files?: FileChanges): Promise<string>;
  /** Somebody deletes a ref at the remote. */
  deleteRef(ref: string): Promise<void>;

  /** What the remote itself says. */
  tip(): Promise<string | null>;
  refs(): Promise<Map<string, string>>;
  coordinationRefs(): Promise<string[]>;
  /** The message of the commit that a ref points to. */
  message(ref: string): Promise<string>;
  parents(commit: string): Promise<string[]>;
  /** The text of every file of a commit, by default the branch's tip, by path. */
  files(of?: string): Promise<Map<string, string>>;

  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** The next push is applied and its answer is lost. */
  loseNextAnswer(): Promise<void>;
  /** From now on the server declines every update. */
  refuseAll(): Promise<void>;
  /** From now on the server declines every commit that brings these words. */
  refuseContent(words: string): Promise<void>;
  /** The server loses an object; what is given back puts it there again. */
  loseObject(oid: string): Promise<() => Promise<void>>;
}

export const BRANCH = 'main';
export const MAIN = 'refs/heads/main';

/** Pushes and insists that all of it was accepted. */
export async function pushAll(port: GitPort, updates: readonly RefUpdate[]): Promise<void> {
  const outcome = await port.push(updates, { atomic: true });
  if (!outcome.ok) throw new Error(`the push was not accepted: ${JSON.stringify([...outcome.refs])}`);
}

/** The view's value under this key, which must be there. */
export function need<V>(map: ReadonlyMap<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} is not in the view: ${[...map.keys()].join(', ')}`);
  return value;
}

/** Insists on an answer. */
export async function must(asked: Promise<{ ok: boolean }>): Promise<void> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`the remote did not answer: ${JSON.stringify(answer)}`);
}
