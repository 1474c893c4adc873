import type { RefUpdate } from '@errand/queue';
import { type Heartbeat, type KeyHold, parseHeartbeat, parseKeyHold, parseRecord } from '@errand/task';
import type { Machine } from './machine.ts';

const TASK = /^refs\/errand\/tasks\/(.+)$/;
const WORKER = /^refs\/errand\/workers\/(.+)$/;
const KEY = /^refs\/errand\/keys\//;

/** The remote, as far as claims are about it. */
export interface Refs {
  refs: ReadonlyMap<string, string>;
  /** The message of a commit that a ref has, or had. */
  body(oid: string): string;
}

/** Whether a task was finished or removed at some time since this claim on it: then the claim is nobody's any more. */
export type WasClosed = (id: string, nonce: string) => boolean;

interface LastBeat {
  atMs: number;
  by: Machine;
  beat: Heartbeat;
}

/** Who takes a claim from whom: nobody may from a machine that has been heard of within its ttl, and that says that it runs it. */
export class Claims {
  readonly #remote: Refs;
  readonly #beats = new Map<string, LastBeat>();
  /** Nonces of claims that were taken from their holder, who may not know of it yet and still run them. */
  readonly #taken = new Set<string>();
  /** Nonces of claims whose own machine has freed their key: they have ended, or it gives them back, and runs them no more. */
  readonly #letGo = new Set<string>();

  constructor(remote: Refs) {
    this.#remote = remote;
  }

  /** A push of a worker has taken effect, with these of its updates. Why it must not have, or null. */
  notePush(nowMs: number, updates: readonly RefUpdate[], by: Machine, wasClosed: WasClosed): string | null {
    const problems = updates.map((update) => this.#judge(nowMs, update, by, wasClosed));
    for (const { ref, to, expect } of updates) {
      const hold = KEY.test(ref) && expect !== null ? parseKeyHold(this.#remote.body(expect)) : null;
      if (hold?.ok && hold.value.worker === by.name) problems.push(this.#letGoOf(hold.value, by));
      const name = WORKER.exec(ref)?.[1];
      const beat = name === undefined || to === null ? null : parseHeartbeat(this.#remote.body(to));
      if (name === undefined || !beat?.ok) continue;
      // A name that has changed hands: whoever had it is told by the next look.
      if (name === by.name && (this.#beats.get(name)?.by ?? by) !== by) this.#takeAllOf(name);
      if (beat.value.state === 'tombstone') this.#beats.delete(name);
      else this.#beats.set(name, { atMs: nowMs, by, beat: beat.value });
    }
    return problems.find((problem) => problem !== null) ?? null;
  }

  /** A person has put a result there: whoever is at the task is not waited for. */
  takeByHand(id: string, running: readonly string[]): void {
    const record = this.#claimOf(this.#remote.refs.get(`refs/errand/tasks/${id}`));
    for (const nonce of [...running, ...(record ? [record.nonce] : [])]) this.#taken.add(nonce);
  }

  wasTaken(nonce: string): boolean {
    return this.#taken.has(nonce);
  }

  hasLetGo(nonce: string): boolean {
    return this.#letGo.has(nonce);
  }

  #judge(nowMs: number, { ref, expect }: RefUpdate, by: Machine, wasClosed: WasClosed): string | null {
    const id = TASK.exec(ref)?.[1];
    const claim = id === undefined ? null : this.#claimOf(expect);
    if (id === undefined || claim === null || claim.worker === by.name) return null;
    this.#taken.add(claim.nonce);
    const last = this.#beats.get(claim.worker);
    if (last === undefined || last.beat.state !== 'running' || wasClosed(id, claim.nonce)) return null;
    const silentMs = nowMs - last.atMs;
    const isListed = last.beat.runs.some(({ nonce }) => nonce === claim.nonce);
    return isListed && silentMs < last.beat.ttl_s * 1_000
      ? `${by.label} takes ${id} from ${claim.worker}, who was heard of ${Math.round(silentMs / 1_000)} s ago`
      : null;
  }

  #letGoOf({ nonce, id, key }: KeyHold, by: Machine): string | null {
    this.#letGo.add(nonce);
    return by.programs.has(nonce) && !this.#taken.has(nonce) ? `${by.label} frees the key ${key} while it runs ${id}` : null;
  }

  #takeAllOf(name: string): void {
    for (const [ref, oid] of this.#remote.refs) {
      const claim = TASK.test(ref) ? this.#claimOf(oid) : null;
      if (claim?.worker === name) this.#taken.add(claim.nonce);
    }
  }

  #claimOf(oid: string | null | undefined): { worker: string; nonce: string } | null {
    const record = oid == null ? null : parseRecord(this.#remote.body(oid));
    return record?.ok && record.value.state === 'claimed' ? record.value : null;
  }
}
