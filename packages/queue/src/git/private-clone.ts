import type { FetchOutcome, GitFailure, GitObject, GitPort, PushOutcome, RefEntry, RefUpdate, TreeEntry } from '../port.ts';
import { decideAncestry } from './ancestry.ts';
import { isFiltered, readShallowCommits } from './clone-files.ts';
import { type CloneChange, CloneFolder } from './clone-folder.ts';
import { type CloneWeight, hasOutgrown, readMade, weighClone } from './clone-weight.ts';
import { encodeCommit, encodeTree } from './encode-object.ts';
import { fetchObjects } from './fetch-objects.ts';
import { fetchPastLocks, namesLock } from './fetch-past-locks.ts';
import { fetchByOid, fetchHistory, refusesOids, remoteAnswers, wantedFormat } from './fetch-refs.ts';
import { explainFailure } from './git-failure.ts';
import { type CloneTimeouts, type GitEvent, GitSession } from './git-session.ts';
import { inspectClone, salvageRefs } from './inspect-clone.ts';
import { ObjectReader } from './object-reader.ts';
import { pushRefs } from './push-refs.ts';
import type { GitRun } from './run-git.ts';
import { tidyClone } from './tidy-clone.ts';
import { writeLooseObject } from './write-object.ts';

export interface PrivateCloneOptions {
  /** Absolute path of the clone; made, with the folders above, when it is first needed. */
  dir: string;
  /** URL or absolute path. */
  remote: string;
  branch: string;
  /** Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  timeouts?: Partial<CloneTimeouts>;
  /** Author and committer of what is written here. */
  identity?: { name: string; email: string };
  /** Wall clock of commits, milliseconds. */
  now?: () => number;
  onEvent?: (event: GitEvent) => void;
  /** A person waits for this process: packing together is left to others, until it cannot be put off. */
  hasty?: boolean;
  /** How large the clone may be before it is held against a new one, bytes; default 8 MiB. */
  roomBytes?: number;
}

/** What came of looking after a clone's size. */
export type Renewal =
  | { kind: 'small-enough'; weight: CloneWeight }
  /** A new clone is whole; the next fetch takes it. */
  | { kind: 'renewed'; weight: CloneWeight; now: CloneWeight }
  /** Somebody else is at it. */
  | { kind: 'busy' }
  | { kind: 'failed'; cause: GitFailure };

/** A `GitPort` over real git. Other processes may use the same clone: hold the clone's lock over a fetch and its reads. */
export interface PrivateClone extends GitPort {
  /** True where `renew` has something to do; costs a listing of packs. */
  hasOutgrown(): Promise<boolean>;
  /**
   * Makes a new clone beside one that has outgrown it (`force`: in any case). It may go on beside everything else; the next fetch
   * of this process puts the new one in its place. One process at a time.
   */
  renew(options?: { force?: boolean }): Promise<Renewal>;
}

/** Opens the private clone of a queue; nothing is read or made before it is needed. */
export function openPrivateClone(options: PrivateCloneOptions): PrivateClone {
  return new BareClone(options);
}

const TIMEOUTS: CloneTimeouts = { fetchMs: 60_000, pushMs: 60_000, localMs: 30_000 };
const IDENTITY = { name: 'errand', email: 'errand@localhost' };
const OK: FetchOutcome = { ok: true };

class BareClone implements PrivateClone {
  readonly #dir: string;
  readonly #branch: string;
  readonly #identity: { name: string; email: string };
  readonly #now: () => number;
  readonly #hasty: boolean;
  readonly #roomBytes: number | undefined;
  readonly #session: GitSession;
  readonly #folder: CloneFolder;
  readonly #reader: ObjectReader;
  /** As of the last fetch by this process. */
  #refs: readonly RefEntry[] | null = null;
  /** The clone that the last fetch of this process was into. */
  #fetchedInto: number | null = null;
  /** After a push that failed for no known reason the next fetch makes the clone anew; not again until a push was answered. */
  #trust: 'sound' | 'in doubt' | 're-made' = 'sound';
  /** The last of the operations that go one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PrivateCloneOptions) {
    const env = options.env ?? process.env;
    this.#dir = options.dir;
    this.#branch = options.branch;
    this.#identity = options.identity ?? IDENTITY;
    this.#now = options.now ?? Date.now;
    this.#hasty = options.hasty ?? false;
    this.#roomBytes = options.roomBytes;
    this.#session = new GitSession({
      remote: options.remote,
      env,
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      onEvent: options.onEvent ?? (() => {}),
    });
    this.#reader = new ObjectReader(this.#dir, env);
    const place = { dir: this.#dir, branch: this.#branch, now: this.#now };
    this.#folder = new CloneFolder(this.#session, place, async () => {
      this.#refs = null;
      await this.#reader.restart();
    });
  }

  fetch(): Promise<FetchOutcome> {
    return this.#inTurn(() => this.#fetch());
  }

  async refs(): Promise<RefEntry[]> {
    if (!(await this.#folder.isSame())) this.#refs = null;
    if (this.#refs !== null) return [...this.#refs];
    const inspection = await inspectClone(this.#session, this.#dir, this.#reader, this.#branch);
    if ('refs' in inspection) return inspection.refs;
    return salvageRefs(this.#session, this.#dir, this.#reader, this.#branch);
  }

  read(oid: string): Promise<GitObject | null> {
    return this.#reader.read(oid);
  }

  fetchBlobs(oids: readonly string[]): Promise<FetchOutcome> {
    return this.#inTurn(async () => {
      let refused: string | null = null;
      const outcome = await fetchObjects(oids, async (some) => {
        const run = await fetchByOid(this.#session, this.#dir, some);
        if (refusesOids(run)) refused = explainFailure(run).failure.message;
        return run;
      });
      if (refused === null) return outcome;
      // In a clone with all blobs, what is missing is missing there too.
      return (await isFiltered(this.#dir)) ? this.#remake(refused, { filtered: false }) : OK;
    });
  }

  writeBlob(content: Uint8Array | string): Promise<string> {
    return this.#write('blob', typeof content === 'string' ? Buffer.from(content) : content);
  }

  writeTree(entries: readonly TreeEntry[]): Promise<string> {
    return this.#write('tree', encodeTree(entries));
  }

  writeCommit(commit: { tree: string; parents: readonly string[]; message: string }): Promise<string> {
    return this.#write('commit', encodeCommit({ ...commit, identity: this.#identity, at: this.#now() }));
  }

  async push(updates: readonly RefUpdate[], options: { atomic?: boolean } = {}): Promise<PushOutcome> {
    const { outcome, suspicious } = await pushRefs(this.#session, this.#dir, updates, options.atomic ?? false);
    if (!suspicious) this.#trust = 'sound';
    else if (this.#trust === 'sound') this.#trust = 'in doubt';
    return outcome;
  }

  isAncestor(ancestor: string, descendant: string): Promise<boolean | null> {
    return decideAncestry(this.#session, this.#dir, this.#reader, ancestor, descendant);
  }

  deepen(): Promise<FetchOutcome> {
    return this.#inTurn(async () => {
      if ((await readShallowCommits(this.#dir)).size === 0) return OK;
      const tip = (await this.refs()).find(({ name }) => name === `refs/heads/${this.#branch}`);
      if (tip === undefined) return OK;
      // By oid: a newer tip, brought without its trees, would look as if it had been fetched.
      const run = await fetchHistory(this.#session, this.#dir, tip.oid);
      return run.exitCode === 0 ? OK : failed(run);
    });
  }

  remake(reason: string): Promise<FetchOutcome> {
    return this.#inTurn(() => {
      // Another process has done so since: what is missing was in the clone before, and is perhaps not needed any more.
      const isAnother = this.#fetchedInto !== null && this.#folder.inode !== this.#fetchedInto;
      return isAnother ? this.#fetch() : this.#remake(reason);
    });
  }

  async hasOutgrown(): Promise<boolean> {
    return hasOutgrown(await weighClone(this.#dir), await readMade(this.#dir), this.#now(), this.#roomBytes);
  }

  async renew({ force = false }: { force?: boolean } = {}): Promise<Renewal> {
    const weight = await weighClone(this.#dir);
    if (!force && !hasOutgrown(weight, await readMade(this.#dir), this.#now(), this.#roomBytes))
      return { kind: 'small-enough', weight };
    const ready = await this.#folder.prepare();
    if ('failure' in ready) return { kind: 'failed', cause: ready.failure };
    const prepared = await this.#folder.prepareSuccessor();
    if ('failure' in prepared) return { kind: 'failed', cause: prepared.failure };
    return { kind: 'renewed', weight, now: await weighClone(prepared.made) };
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#reader.close();
    await this.#folder.close();
  }

  async #fetch(): Promise<FetchOutcome> {
    await this.#folder.takeSuccessor();
    const run = await fetchPastLocks(this.#session, this.#dir, this.#branch, this.#now);
    const inspection = await inspectClone(this.#session, this.#dir, this.#reader, this.#branch);
    if ('unread' in inspection) return failed(run.exitCode === 0 ? inspection.unread : run);
    if ('damaged' in inspection) return this.#remake(inspection.damaged, formatChange(run));
    if (run.exitCode === 0 && this.#trust === 'in doubt') {
      const remade = await this.#remake('the last push failed in the clone');
      if (remade.ok) this.#trust = 're-made';
      return remade;
    }
    if (run.exitCode === 0) {
      this.#take(inspection.refs);
      await tidyClone(this.#session, this.#dir, { nowMs: this.#now(), hasty: this.#hasty });
      return OK;
    }
    const damage = await this.#blameClone(run);
    return damage === null ? failed(run) : this.#remake(damage, formatChange(run));
  }

  async #remake(reason: string, change: CloneChange = {}): Promise<FetchOutcome> {
    const made = await this.#folder.remake(reason, change);
    if ('failure' in made) return { ok: false, cause: made.failure };
    this.#take(made.refs);
    return OK;
  }

  #take(refs: readonly RefEntry[]): void {
    this.#refs = refs;
    this.#fetchedInto = this.#folder.inode;
  }

  /** Why a failed fetch is the clone's fault rather than the remote's, or null. */
  async #blameClone(run: GitRun): Promise<string | null> {
    const { failure, known } = explainFailure(run);
    if (wantedFormat(run) !== null) return failure.message;
    if (namesLock(run)) return `a lock file stays: ${failure.message}`;
    if (known) return null;
    return (await remoteAnswers(this.#session, this.#dir)) ? failure.message : null;
  }

  async #write(type: GitObject['type'], content: Uint8Array): Promise<string> {
    const ready = await this.#folder.prepare();
    if ('failure' in ready) throw new Error(ready.failure.message);
    return writeLooseObject(this.#dir, ready.format, type, content);
  }

  /** One after the other: git's own locks would make two of them fail. */
  #inTurn(work: () => Promise<FetchOutcome>): Promise<FetchOutcome> {
    const turn = this.#turn.then(async () => {
      const ready = await this.#folder.prepare();
      return 'failure' in ready ? { ok: false as const, cause: ready.failure } : work();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function formatChange(run: GitRun): CloneChange {
  const format = wantedFormat(run);
  return format === null ? {} : { format };
}

function failed(run: GitRun): FetchOutcome {
  return { ok: false, cause: explainFailure(run).failure };
}
