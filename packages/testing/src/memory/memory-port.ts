import type {
  FetchOutcome,
  GitFailure,
  GitObject,
  GitPort,
  PushedRef,
  PushOutcome,
  RefEntry,
  RefUpdate,
  TreeEntry,
} from '@errand/queue';
import { MemoryObjects } from './memory-objects.ts';
import type { MemoryLine } from './memory-remote.ts';

export interface MemoryPortOptions {
  remote: MemoryLine;
  branch: string;
  /** Wall clock of commits, milliseconds. */
  now?: () => number;
  /** A clone that an earlier process has left; a new one is made if not given. */
  clone?: MemoryClone;
}

const CLOSED: { ok: false; cause: GitFailure } = { ok: false, cause: { kind: 'transient', message: 'closed' } };

/** What of a clone is there for the next process that opens it. */
export class MemoryClone {
  readonly objects = new MemoryObjects();
  /** Commits whose parents were left out. */
  readonly cut = new Set<string>();
  refs = new Map<string, string>();

  /** Damage: the object is gone. */
  lose(oid: string): void {
    this.objects.delete(oid);
  }
}

/** A `GitPort` over a remote in memory: shallow at first and without blobs, as the real one is. */
export class MemoryPort implements GitPort {
  readonly #remote: MemoryLine;
  readonly #branch: string;
  readonly #now: () => number;
  readonly #clone: MemoryClone;
  #closed = false;

  constructor(options: MemoryPortOptions) {
    this.#remote = options.remote;
    this.#branch = `refs/heads/${options.branch}`;
    this.#now = options.now ?? Date.now;
    this.#clone = options.clone ?? new MemoryClone();
  }

  async fetch(): Promise<FetchOutcome> {
    if (this.#closed) return CLOSED;
    const failure = await this.#remote.request('fetch');
    if (failure === null) this.#write(this.#remote.refs);
    else if (failure.written) this.#write(new Map([...this.#clone.refs, ...failure.written]));
    return failure === null ? { ok: true } : { ok: false, cause: failure.cause };
  }

  async refs(): Promise<RefEntry[]> {
    const entries = [...this.#clone.refs].map(([name, oid]) => ({
      name,
      oid,
      size: this.#clone.objects.get(oid)?.content.length ?? 0,
    }));
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async read(oid: string): Promise<GitObject | null> {
    return this.#closed ? null : this.#clone.objects.get(oid);
  }

  async fetchBlobs(oids: readonly string[]): Promise<FetchOutcome> {
    const failure = await this.#ask();
    if (failure !== null) return failure;
    for (const oid of oids) this.#copy(oid);
    return { ok: true };
  }

  async writeBlob(content: Uint8Array | string): Promise<string> {
    return this.#clone.objects.put('blob', Buffer.from(content as Uint8Array));
  }

  async writeTree(entries: readonly TreeEntry[]): Promise<string> {
    return this.#clone.objects.putTree(entries);
  }

  async writeCommit(commit: { tree: string; parents: readonly string[]; message: string }): Promise<string> {
    return this.#clone.objects.putCommit(commit, this.#now());
  }

  async push(updates: readonly RefUpdate[], options: { atomic?: boolean } = {}): Promise<PushOutcome> {
    const atomic = options.atomic ?? false;
    const changing = updates.filter(({ to, expect }) => to !== expect);
    const sent = atomic && changing.length < updates.length ? [] : changing;
    const idle: PushedRef = { state: 'rejected', reason: 'nothing to change' };
    const refs = new Map<string, PushedRef>(updates.map(({ ref }) => [ref, idle]));
    if (sent.length === 0) return { refs, ok: updates.length === 0 };
    if (this.#closed) return this.#withoutAnswer(refs, sent, { kind: 'transient', message: 'closed' });
    const { objects, lacking } = this.#pack(sent);
    if (lacking !== null) return this.#withoutAnswer(refs, sent, { kind: 'transient', message: `bad object ${lacking}` });
    const upload = (): void => {
      for (const { type, content } of objects) this.#remote.objects.put(type, content);
    };
    const answer = await this.#remote.push(sent, atomic, upload);
    if (!answer.ok) return this.#withoutAnswer(refs, sent, answer.cause);
    for (const [ref, pushed] of answer.refs) refs.set(ref, pushed);
    return { refs, ok: [...refs.values()].every(({ state }) => state === 'accepted') };
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean | null> {
    const seen = new Set<string>();
    let cut = false;
    for (const pending = [descendant]; pending.length > 0; ) {
      const oid = pending.pop() as string;
      if (oid === ancestor && this.#clone.objects.has(oid)) return true;
      if (seen.has(oid)) continue;
      seen.add(oid);
      const commit = this.#clone.objects.commit(oid);
      if (commit === null || this.#clone.cut.has(oid)) cut = true;
      else pending.push(...commit.parents);
    }
    return cut ? null : false;
  }

  async deepen(): Promise<FetchOutcome> {
    const failure = await this.#ask();
    if (failure !== null) return failure;
    const tip = this.#clone.refs.get(this.#branch);
    this.#clone.cut.clear();
    const seen = new Set<string>();
    for (const pending = tip === undefined ? [] : [tip]; pending.length > 0; ) {
      const oid = pending.pop() as string;
      if (seen.has(oid)) continue;
      seen.add(oid);
      this.#copy(oid);
      pending.push(...(this.#clone.objects.commit(oid)?.parents ?? []));
    }
    return { ok: true };
  }

  async remake(_reason: string): Promise<FetchOutcome> {
    const failure = await this.#ask();
    if (failure !== null) return failure;
    this.#clone.objects.clear();
    this.#clone.cut.clear();
    this.#clone.refs.clear();
    this.#write(this.#remote.refs);
    return { ok: true };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Damage: the object is gone from this clone. */
  lose(oid: string): void {
    this.#clone.lose(oid);
  }

  async #ask(): Promise<{ ok: false; cause: GitFailure } | null> {
    if (this.#closed) return CLOSED;
    const failure = await this.#remote.request('fetch');
    return failure === null ? null : { ok: false, cause: failure.cause };
  }

  #withoutAnswer(
    refs: Map<string, PushedRef>,
    sent: readonly RefUpdate[],
    cause: NonNullable<PushOutcome['cause']>,
  ): PushOutcome {
    for (const { ref } of sent) refs.set(ref, { state: 'unknown' });
    return { refs, ok: false, cause };
  }

  /** Takes these for its refs, with what they need. */
  #write(refs: ReadonlyMap<string, string>): void {
    const shallow = !this.#clone.refs.has(this.#branch);
    const before = this.#clone.refs;
    this.#clone.refs = new Map([...refs].filter(([ref]) => ref === this.#branch || ref.startsWith('refs/errand/')));
    // As git does, which looks for nothing within what it has.
    for (const [ref, oid] of this.#clone.refs)
      if (before.get(ref) !== oid || !this.#clone.objects.has(oid))
        this.#copyHistory(oid, shallow ? 1 : Number.POSITIVE_INFINITY);
  }

  /** Commits and their trees, back to what is here already. */
  #copyHistory(tip: string, depth: number): void {
    for (const pending = [{ oid: tip, depth }]; pending.length > 0; ) {
      const next = pending.pop() as { oid: string; depth: number };
      const known = this.#clone.objects.has(next.oid);
      this.#copy(next.oid);
      const commit = this.#clone.objects.commit(next.oid);
      if (commit === null) continue;
      for (const oid of this.#remote.objects.within(commit.tree)) {
        if (this.#remote.objects.get(oid)?.type === 'tree') this.#copy(oid);
      }
      if (known || commit.parents.length === 0) continue;
      if (next.depth <= 1) this.#clone.cut.add(next.oid);
      else pending.push(...commit.parents.map((oid) => ({ oid, depth: next.depth - 1 })));
    }
  }

  #copy(oid: string): void {
    const object = this.#remote.objects.get(oid);
    if (object !== null && !this.#clone.objects.has(oid)) this.#clone.objects.put(object.type, object.content);
  }

  /** What the remote needs for these updates, and the first of it that is not here: the clone was made anew since it was written. */
  #pack(updates: readonly RefUpdate[]): { objects: GitObject[]; lacking: string | null } {
    const objects: GitObject[] = [];
    for (const pending = updates.flatMap(({ to }) => (to === null ? [] : [to])); pending.length > 0; ) {
      const tip = pending.pop() as string;
      if (this.#remote.objects.has(tip)) continue;
      for (const oid of this.#clone.objects.within(tip)) {
        const object = this.#clone.objects.get(oid);
        if (object !== null) objects.push(object);
        else if (!this.#remote.objects.has(oid)) return { objects, lacking: oid };
      }
      pending.push(...(this.#clone.objects.commit(tip)?.parents ?? []));
    }
    return { objects, lacking: null };
  }
}
