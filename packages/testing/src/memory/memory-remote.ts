import type { GitFailure, PushedRef, RefUpdate } from '@errand/queue';
import { MemoryObjects } from './memory-objects.ts';

/** What a hook of the remote says to one update: the reason why not, or null. */
export type MemoryHook = (update: RefUpdate, objects: MemoryObjects) => string | null;

export type MemoryAnswer = { ok: true; refs: Map<string, PushedRef> } | { ok: false; cause: GitFailure };

/** Why a request failed; `written`: the refs that a fetch had written when it broke, with all that they need. */
export interface MemoryFailure {
  cause: GitFailure;
  written?: ReadonlyMap<string, string>;
}

/** What a clone in memory talks to: a remote, or a line to one that has faults of its own. */
export interface MemoryLine {
  readonly objects: MemoryObjects;
  /** As the request that was let through last may see them. */
  readonly refs: ReadonlyMap<string, string>;
  /** Lets a request through, or says why not. */
  request(kind: 'fetch' | 'push'): Promise<MemoryFailure | null>;
  /** `upload` brings the objects of the updates. */
  push(updates: readonly RefUpdate[], atomic: boolean, upload: () => void): Promise<MemoryAnswer>;
}

/**
 * A remote in memory, with a git server's rules for refs and its ways to misbehave. A request is answered within one turn
 * of the event loop, after `beforeRequest`, with which a simulation decides whose turn it is.
 */
export class MemoryRemote implements MemoryLine {
  readonly objects = new MemoryObjects();
  readonly refs = new Map<string, string>();
  hook: MemoryHook = () => null;
  beforeRequest: (request: 'fetch' | 'push') => Promise<void> = () => Promise.resolve();
  /** Pushes that arrived, refused ones included. */
  pushes = 0;
  #away = false;
  #next: 'answer' | 'lose the answer' | 'hold' = 'answer';
  #held: (() => void)[] = [];

  goAway(): void {
    this.#away = true;
  }

  comeBack(): void {
    this.#away = false;
  }

  /** The next push is applied, and its answer never arrives. */
  loseNextAnswer(): void {
    this.#next = 'lose the answer';
  }

  /** The next push gets no answer, and is applied only when `deliverHeld` is called, if its leases still hold then. */
  holdNextPush(): void {
    this.#next = 'hold';
  }

  deliverHeld(): void {
    for (const apply of this.#held.splice(0)) apply();
  }

  async request(kind: 'fetch' | 'push'): Promise<MemoryFailure | null> {
    await this.beforeRequest(kind);
    return this.#away ? { cause: { kind: 'unreachable', message: 'the remote is away' } } : null;
  }

  async push(updates: readonly RefUpdate[], atomic: boolean, upload: () => void): Promise<MemoryAnswer> {
    const failure = await this.request('push');
    if (failure !== null) return { ok: false, cause: failure.cause };
    const how = this.#next;
    this.#next = 'answer';
    upload();
    this.pushes += 1;
    if (how === 'hold') this.#held.push(() => this.apply(updates, atomic));
    if (how === 'hold') return { ok: false, cause: { kind: 'unreachable', message: 'no answer to the push' } };
    const refs = this.apply(updates, atomic);
    if (how === 'answer') return { ok: true, refs };
    return { ok: false, cause: { kind: 'transient', message: 'the answer to the push was lost' } };
  }

  /** What a server does with a push that has reached it. */
  apply(updates: readonly RefUpdate[], atomic: boolean): Map<string, PushedRef> {
    const judged = new Map(updates.map((update) => [update.ref, this.#judge(update)] as const));
    const fails = [...judged.values()].some((pushed) => pushed.state !== 'accepted' && !isUpToDate(pushed));
    if (atomic && fails) {
      const unless: PushedRef = { state: 'rejected', reason: 'atomic push failed' };
      return new Map([...judged].map(([ref, pushed]) => [ref, pushed.state === 'accepted' ? unless : pushed]));
    }
    for (const { ref, to } of updates) {
      if (judged.get(ref)?.state !== 'accepted') continue;
      if (to === null) this.refs.delete(ref);
      else this.refs.set(ref, to);
    }
    return judged;
  }

  /** In git's order: an equal ref is up to date whatever the lease says, and hooks see only what passed its lease. */
  #judge(update: RefUpdate): PushedRef {
    const current = this.refs.get(update.ref) ?? null;
    if (current !== null && current === update.to) return { state: 'rejected', reason: 'up to date' };
    if (current !== update.expect) return { state: 'rejected', reason: 'stale info' };
    const refusal = this.hook(update, this.objects);
    return refusal === null ? { state: 'accepted' } : { state: 'declined', reason: refusal };
  }
}

function isUpToDate(pushed: PushedRef): boolean {
  return pushed.state === 'rejected' && pushed.reason === 'up to date';
}
