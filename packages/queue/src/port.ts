/**
 * The seam between the protocol and git: everything the queue asks of a repository and its remote.
 * Real git implements it (`git/private-clone.ts`); one conformance suite holds every implementation to it.
 * An oid is the lower-case hex of a commit, tree or blob.
 */
export interface GitPort {
  /**
   * Brings the branch and every `refs/errand/*` ref into the clone; refs that are gone there go here too.
   * A failure leaves the last state readable. The clone is re-made by itself when it is damaged.
   */
  fetch(): Promise<FetchOutcome>;
  /** The branch (under its full name) and every `refs/errand/*` ref as of the last fetch, with the size of the commit. */
  refs(): Promise<RefEntry[]>;
  /** An object of the clone, or null where it is missing. Never asks the remote. */
  read(oid: string): Promise<GitObject | null>;
  /** Brings missing blobs from the remote, all in one request. Those that the remote does not have stay missing. */
  fetchBlobs(oids: readonly string[]): Promise<FetchOutcome>;
  /** Writes an object into the clone and returns its oid. */
  writeBlob(content: Uint8Array | string): Promise<string>;
  writeTree(entries: readonly TreeEntry[]): Promise<string>;
  writeCommit(commit: { tree: string; parents: readonly string[]; message: string }): Promise<string>;
  /** Sends updates, each under its lease. */
  push(updates: readonly RefUpdate[], options?: { atomic?: boolean }): Promise<PushOutcome>;
  /**
   * Makes the clone anew, for who finds an object missing that must be there; where another process has done so since the last
   * fetch, brings that one up to date. A failure leaves the old one.
   */
  remake(reason: string): Promise<FetchOutcome>;
  /** Ends every process of it. Safe twice; what is called later fails. */
  close(): Promise<void>;
  /** Brings the history of commits that a first, shallow fetch left out. */
  deepen(): Promise<FetchOutcome>;
  /** True or false where the clone's history can tell, null where it cannot. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean | null>;
}

export type FetchOutcome = { ok: true } | { ok: false; cause: GitFailure };

/**
 * Why git did not do it. `transient` is worth a jittered retry at once, `unreachable` a backoff, `refused` a person: this machine
 * is not let in. `declined` wants one, too: it was let in, and what it pushed was not taken.
 */
export interface GitFailure {
  kind: 'transient' | 'unreachable' | 'refused' | 'declined';
  /** For people: what git said, without credentials, one line. */
  message: string;
}

export interface RefEntry {
  name: string;
  oid: string;
  /** Bytes of the commit object, so that nobody reads a body of 100 MB. */
  size: number;
}

export interface GitObject {
  type: 'commit' | 'tree' | 'blob' | 'tag';
  content: Buffer;
}

export interface TreeEntry {
  /** `100644`, `100755`, `120000`, `40000` or `160000`, as in the tree object. */
  mode: string;
  /** The name's bytes as latin1: a queue may live in a repository whose names are not UTF-8, and they are written back as they were. */
  name: string;
  oid: string;
}

/** `expect` is the oid the remote must have; null means "must not exist". `to: null` deletes. There is no other form. */
export interface RefUpdate {
  ref: string;
  to: string | null;
  expect: string | null;
}

/**
 * What became of a push. Only an answer that ended in `Done` is definite; without it every ref is `unknown`
 * and may still be applied seconds later. `rejected` covers a broken lease and an equal oid (`=` is never a win);
 * `declined` is the server's own refusal (hook, protected branch, size), which trying again does not change.
 */
export interface PushOutcome {
  refs: ReadonlyMap<string, PushedRef>;
  /** True when every ref was accepted. */
  ok: boolean;
  /** Why there was no definite answer, if there was none. */
  cause?: GitFailure;
  /** Where something was declined, the words of the hook or the protection that did it, as one line for people. */
  said?: string;
}

export type PushedRef = { state: 'accepted' } | { state: 'rejected' | 'declined'; reason: string } | { state: 'unknown' };
