import type { Held, View } from '@errand/planner';
import { giveBack, type RefUpdate, taskRef, toWaiting } from '@errand/queue';
import type { ClaimedRecord } from '@errand/task';
import type { WorkerContext } from '../context.ts';
import type { HeldAttempt } from '../held.ts';
import type { Duty } from './duty.ts';

const DECLINED_BACKOFF_MS = 60_000;

/** Lets claims go without a result: failed attempts wait for their next try, claims that never started are undone. */
export class Releaser implements Duty {
  readonly name = 'release';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  /** After the server refused: trying again at once would not change it. */
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(view: View): Promise<void> {
    const { clock, wakeups, refsPerPush } = this.#worker;
    if (clock.elapsedMs() < this.#notBefore) return wakeups.by(this.#notBefore);
    const plain: { held: HeldAttempt; updates: RefUpdate[] }[] = [];
    for (const held of this.#worker.held.all()) {
      const record = view.records.get(held.id);
      if (record?.value.state !== 'claimed' || record.value.nonce !== held.nonce) continue;
      const updates = await this.#release(view, held, { oid: record.oid, value: record.value });
      if (updates === null) continue;
      // A record and its key go together or not at all; records without one are each on their own.
      if (updates.length > 1) await this.#push([{ held, updates }], true);
      else plain.push({ held, updates });
    }
    // What is too much for one push is left to the next view.
    if (plain.length > 0) await this.#push(plain.slice(0, refsPerPush), false);
  }

  async #release(view: View, held: HeldAttempt, record: Held<ClaimedRecord>): Promise<RefUpdate[] | null> {
    const { queue, newNonce } = this.#worker;
    if (held.phase.name === 'giving-back') return giveBack(queue.port, view, record, newNonce(), held.phase.why);
    if (held.phase.name !== 'concluded' || held.phase.conclusion.kind !== 'waiting') return null;
    return toWaiting(queue.port, view, record, { nonce: newNonce(), ...held.phase.conclusion });
  }

  async #push(releases: { held: HeldAttempt; updates: RefUpdate[] }[], atomic: boolean): Promise<void> {
    const { pusher, held: attempts, journal, emit, wakeups, clock } = this.#worker;
    const outcome = await pusher.push(
      'release',
      releases.flatMap(({ updates }) => updates),
      { atomic },
    );
    for (const { held } of releases) {
      const pushed = outcome.refs.get(taskRef(held.id));
      if (pushed?.state === 'declined') {
        this.#notBefore = clock.elapsedMs() + DECLINED_BACKOFF_MS;
        const text = `the server refused to take ${held.id} back (${pushed.reason}); nothing is lost, it is tried again in a minute`;
        emit({ type: 'refused', ids: [held.id], text });
      }
      if (pushed?.state !== 'accepted') continue;
      if (held.phase.name === 'giving-back') emit({ type: 'given-back', id: held.id, why: held.phase.why });
      else if (held.phase.name === 'concluded' && held.phase.conclusion.kind === 'waiting') {
        emit({ type: 'retrying', id: held.id, reason: held.phase.conclusion.reason });
      }
      attempts.drop(held.nonce);
      await journal.remove(held.nonce);
    }
    wakeups.now();
  }
}
