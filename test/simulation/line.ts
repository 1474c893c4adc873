import type { GitFailure, RefUpdate } from '@errand/queue';
import type { MemoryAnswer, MemoryFailure, MemoryLine, MemoryRemote } from '@errand/testing';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const UNREACHABLE: GitFailure = { kind: 'unreachable', message: 'the remote is away' };
const BROKEN: GitFailure = { kind: 'transient', message: 'the connection broke' };
const MAIN = 'refs/heads/main';
const WORKERS = 'refs/errand/workers/';
/** The longest time between the two moments that a torn view shows, milliseconds. */
export const TORN_MS = 20_000;

/** One machine's way to the remote: requests take their time, and what can go wrong with them goes wrong. */
export class Line implements MemoryLine {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #remote: MemoryRemote;
  /** A request is about to be sent, or its answer has come: its sender may die there. */
  readonly #onTheWay: () => Promise<void>;
  #refs: ReadonlyMap<string, string> = new Map();
  #cutOffUntilMs = 0;

  constructor(world: World, machine: Machine, onTheWay: () => Promise<void>) {
    this.#world = world;
    this.#machine = machine;
    this.#remote = world.remote;
    this.#onTheWay = onTheWay;
  }

  get objects(): MemoryRemote['objects'] {
    return this.#remote.objects;
  }

  get refs(): ReadonlyMap<string, string> {
    return this.#refs;
  }

  async request(): Promise<MemoryFailure | null> {
    return this.#underWay(async () => {
      const failure = await this.#travel();
      if (failure !== null) return { cause: failure };
      this.#refs = await this.#look();
      if (this.#world.happens('halfFetch')) return { cause: BROKEN, written: this.#lookAtSome() };
      await this.#onTheWay();
      // What the answer brings is there in this moment, and one of its objects is not in the next.
      if (this.#world.happens('lostObject')) this.#world.scheduler.after(0, () => this.#machine.damage(), null);
      return null;
    });
  }

  async push(updates: readonly RefUpdate[], atomic: boolean, upload: () => void): Promise<MemoryAnswer> {
    return this.#underWay(async () => {
      const { scheduler } = this.#world;
      const failure = await this.#travel();
      if (failure !== null) return { ok: false, cause: failure };
      this.#world.problem ??= this.#world.meter?.notePush(scheduler.nowMs) ?? null;
      if (this.#world.happens('refusedForNow')) return { ok: false, cause: { kind: 'transient', message: '429' } };
      const hasBeat = updates.some(({ ref }) => ref.startsWith(WORKERS));
      if (hasBeat && scheduler.nowMs < this.#machine.beatsLostUntilMs) return { ok: false, cause: BROKEN };
      if (this.#world.happens('pushNeverArrives')) return { ok: false, cause: BROKEN };
      upload();
      if (this.#world.happens('appliedLate')) {
        this.#applyLate(updates, atomic);
        return { ok: false, cause: BROKEN };
      }
      if (updates.length > 1 && this.#world.happens('tornPush')) {
        this.#applyInPart(updates, atomic);
        return { ok: false, cause: BROKEN };
      }
      const refs = this.#world.apply(updates, atomic, this.#machine);
      await scheduler.sleep(scheduler.pick(100));
      await this.#onTheWay();
      return this.#world.happens('answerLost') ? { ok: false, cause: BROKEN } : { ok: true, refs };
    });
  }

  /** The branch and the refs, which may be of different moments. */
  async #look(): Promise<ReadonlyMap<string, string>> {
    const { scheduler } = this.#world;
    const first = new Map(this.#remote.refs);
    if (!this.#world.happens('tornFetch')) return first;
    await scheduler.sleep(scheduler.pick(scheduler.chance(0.7) ? 5_000 : TORN_MS));
    const second = new Map(this.#remote.refs);
    const [branch, others] = scheduler.chance(0.5) ? [first, second] : [second, first];
    const tip = branch.get(MAIN);
    const seen = new Map(others);
    seen.delete(MAIN);
    return tip === undefined ? seen : seen.set(MAIN, tip);
  }

  /** Those that a fetch writes before it breaks: none, some or all, in no order; it prunes none. */
  #lookAtSome(): ReadonlyMap<string, string> {
    const { scheduler } = this.#world;
    const share = scheduler.pick(5) / 4;
    return new Map([...this.#refs].filter(() => scheduler.chance(share)));
  }

  /** The server's own doing: it happens whatever becomes of the sender. */
  #applyLate(updates: readonly RefUpdate[], atomic: boolean): void {
    const { scheduler } = this.#world;
    this.#world.underWay += 1;
    const apply = (): void => {
      this.#world.underWay -= 1;
      this.#world.apply(updates, atomic, this.#machine);
    };
    scheduler.after(scheduler.pick(120_000), apply, null);
  }

  /**
   * A server that is killed in the middle of a transaction. Git checks all leases first, then moves the refs that get a new value, and
   * deletes the others last (`files_transaction_finish` in refs/files-backend.c): so some of the first are there, and of the second only after all of them.
   */
  #applyInPart(updates: readonly RefUpdate[], atomic: boolean): void {
    const { scheduler, remote } = this.#world;
    const holds = updates.every(
      (update) => (remote.refs.get(update.ref) ?? null) === update.expect && remote.hook(update, remote.objects) === null,
    );
    if (atomic && !holds) return;
    const order = [...updates].sort((a, b) => Number(a.to === null) - Number(b.to === null) || (a.ref < b.ref ? -1 : 1));
    for (const update of order.slice(0, scheduler.pick(order.length + 1))) this.#world.apply([update], false, this.#machine);
  }

  async #travel(): Promise<GitFailure | null> {
    const { scheduler } = this.#world;
    await this.#onTheWay();
    await scheduler.sleep(scheduler.pick(this.#world.happens('slow') ? 200_000 : 150));
    if (scheduler.nowMs < this.#cutOffUntilMs || scheduler.nowMs < this.#world.outageUntilMs) return UNREACHABLE;
    if (this.#world.happens('cutOff')) {
      this.#cutOffUntilMs = scheduler.nowMs + scheduler.pick(400_000);
      return UNREACHABLE;
    }
    return this.#world.happens('unreachable') ? UNREACHABLE : null;
  }

  /** Counted until its answer is there; of a sender that has died it is not counted any more. */
  async #underWay<T>(request: () => Promise<T>): Promise<T> {
    const life = this.#world.scheduler.acting;
    // What else it was about to do in the moment of its death.
    if (life?.dead) return await new Promise<never>(() => {});
    this.#world.underWay += 1;
    let counted = true;
    const done = (): void => {
      if (counted) this.#world.underWay -= 1;
      counted = false;
    };
    const forget = this.#world.whenDead(life, done);
    try {
      return await request();
    } finally {
      forget();
      done();
    }
  }
}
