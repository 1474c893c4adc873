import type { GitPort, PushOutcome, RefUpdate } from '@errand/queue';
import type { Listener, PushPurpose } from './events.ts';

/** The one door through which this worker pushes: counts and tells every push. */
export class Pusher {
  readonly #port: GitPort;
  readonly #emit: Listener;
  #count = 0;
  #unanswered = 0;

  constructor(port: GitPort, emit: Listener) {
    this.#port = port;
    this.#emit = emit;
  }

  /** Pushes so far: while it stands still, the last view is the latest that this worker knows of. */
  get count(): number {
    return this.#count;
  }

  /** How many pushes in a row had no definite answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Tells of a push that the queue made on its own. */
  noticePush(purpose: PushPurpose, ok: boolean): void {
    this.#count++;
    this.#emit({ type: 'push-ended', purpose, ok });
  }

  async push(purpose: PushPurpose, updates: readonly RefUpdate[], options?: { atomic?: boolean }): Promise<PushOutcome> {
    this.#count++;
    this.#emit({ type: 'push-started', purpose, refs: updates.length });
    const outcome = await this.#port.push(updates, options);
    this.#unanswered = outcome.cause ? this.#unanswered + 1 : 0;
    this.#emit({ type: 'push-ended', purpose, ok: outcome.ok, ...(outcome.cause && { cause: outcome.cause.message }) });
    return outcome;
  }
}
