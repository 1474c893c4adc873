import { planSweep, type View } from '@errand/planner';
import { giveBack, keyRef, type RefUpdate, taskRef } from '@errand/queue';
import type { WorkerContext } from '../context.ts';
import type { Duty } from './duty.ts';

const DAMAGED_VIEWS = 3;

/** Deletes what nothing needs any more: records of finished or removed tasks, keys that no record holds. */
export class Sweeper implements Duty {
  readonly name = 'sweep';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  #damaged = new Map<string, { oid: string; views: number }>();
  #isUnsure = false;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  /** Something seemed to be left over in the last view, and only another can tell. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** Records and keys that no version can read, seen in three views: they would hold up their tasks for ever. */
  #findDamaged(view: View): RefUpdate[] {
    const seen = new Map<string, { oid: string; views: number }>();
    for (const [ref, { oid, newer }] of view.unreadable) {
      if (newer || !/^refs\/errand\/(?:tasks|keys)\//.test(ref)) continue;
      const before = this.#damaged.get(ref);
      seen.set(ref, { oid, views: before?.oid === oid ? before.views + 1 : 1 });
    }
    this.#damaged = seen;
    return [...seen].flatMap(([ref, { oid, views }]) => (views >= DAMAGED_VIEWS ? [{ ref, to: null, expect: oid }] : []));
  }

  async tend(view: View): Promise<void> {
    const { observations, held, pusher, queue, newNonce, refsPerPush, wakeups } = this.#worker;
    const { deletions, giveBacks, isUnsure } = planSweep(view, observations, held.ids());
    this.#isUnsure = isUnsure;
    if (isUnsure) wakeups.now();
    const updates: RefUpdate[] = deletions.map((deletion) => ({
      ref: deletion.kind === 'key' ? keyRef(deletion.hash) : taskRef(deletion.id),
      to: null,
      expect: deletion.oid,
    }));
    updates.push(...this.#findDamaged(view));
    for (const { oid, record } of giveBacks) {
      const released = await giveBack(queue.port, view, { oid, value: record }, newNonce(), 'its task has a result');
      // A record and its key go together or not at all.
      if (released.length > 1) await pusher.push('sweep', released, { atomic: true });
      else updates.push(...released);
    }
    // Each on its own: what one refuses does not keep the others. What is too much for one push is left to the next view.
    if (updates.length > 0) await pusher.push('sweep', updates.slice(0, refsPerPush));
  }
}
