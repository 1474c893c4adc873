import { KEEP_WORKSPACES_MS } from '@errand/workspace';
import type { WorkerContext } from '../context.ts';
import type { Duty } from './duty.ts';

const EVERY_MS = 6 * 60 * 60_000;

/** Removes the folders of attempts that ended a week ago. */
export class Housekeeper implements Duty {
  readonly name = 'housekeeping';
  readonly #worker: WorkerContext;
  #dueAt = Number.NEGATIVE_INFINITY;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(): Promise<void> {
    const { clock, starter, held } = this.#worker;
    if (clock.elapsedMs() < this.#dueAt) return;
    this.#dueAt = clock.elapsedMs() + EVERY_MS;
    // Not awaited: gigabytes take longer than a lease, and nothing depends on them being gone.
    void starter.sweep(clock.wallMs() - KEEP_WORKSPACES_MS, new Set(held.all().map(({ nonce }) => nonce)));
  }
}
