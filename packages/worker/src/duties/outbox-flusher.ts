import type { Queue } from '@errand/queue';
import type { Pusher } from '../pusher.ts';
import type { Duty } from './duty.ts';

/** Sends what `errand delegate` left on this machine while the remote was away. */
export class OutboxFlusher implements Duty {
  readonly name = 'outbox';
  readonly #queue: Queue;
  readonly #pusher: Pusher;

  constructor(queue: Queue, pusher: Pusher) {
    this.#queue = queue;
    this.#pusher = pusher;
  }

  async tend(): Promise<void> {
    if (await this.#queue.outbox.isEmpty()) return;
    const flushed = await this.#queue.flushOutbox();
    if (flushed.ok && flushed.sent.length > 0) this.#pusher.noticePush('outbox', true);
  }
}
