import type { WorkerContext } from '../context.ts';
import type { Duty } from './duty.ts';

const REFUSED_BACKOFF_MS = 60_000;

/** Sends what `errand delegate` left on this machine while the remote was away. */
export class OutboxFlusher implements Duty {
  readonly name = 'outbox';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  #notBefore = Number.NEGATIVE_INFINITY;
  #told = '';

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(): Promise<void> {
    const { queue, pusher, budget, clock, wakeups, emit } = this.#worker;
    if (await queue.outbox.isEmpty()) return;
    if (clock.elapsedMs() < this.#notBefore) return wakeups.by(this.#notBefore);
    const flushed = await queue.flushOutbox({ onPush: () => budget.take(1) });
    if (flushed.sent.length > 0) pusher.noticePush('outbox', true);
    if (flushed.ok || (flushed.cause.kind !== 'refused' && flushed.cause.kind !== 'declined')) return;
    this.#notBefore = clock.elapsedMs() + REFUSED_BACKOFF_MS;
    const text = `${flushed.pending.join(', ')} cannot be filed: ${flushed.cause.message}; kept in the outbox and tried again in a minute`;
    if (text !== this.#told) emit({ type: 'refused', ids: flushed.pending, text });
    this.#told = text;
  }
}
