import type { GitFailure } from '@errand/queue';
import type { WorkerContext } from './context.ts';

const LONGEST_BACKOFF_MS = 60_000;
const SHORTEST_BACKOFF_MS = 500;

/** Whether the remote answers, as the last look and the last pushes found it. Times are elapsed milliseconds. */
export class RemoteReach {
  readonly #context: WorkerContext;
  #awaySince: number | null = null;
  #failures = 0;
  #notLetIn = false;
  #unansweredSince: number | null = null;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  /** The last look got no view. */
  get isAway(): boolean {
    return this.#awaySince !== null;
  }

  /** It answered the last look, and refused this user. */
  get isClosed(): boolean {
    return this.isAway && this.#notLetIn;
  }

  /** Since when it gives no view, or takes no push; null where it does both. */
  get silentSince(): number | null {
    return this.#awaySince ?? this.#unansweredSince;
  }

  /** A look got no view: the next comes later and later. */
  noteFailure({ kind, message: cause }: GitFailure): void {
    const { clock, wakeups, random, emit, machine } = this.#context;
    this.#awaySince ??= clock.elapsedMs();
    this.#failures++;
    const refused = kind === 'refused';
    this.#notLetIn = refused;
    const longest = Math.min(
      LONGEST_BACKOFF_MS,
      machine.poll.intervalMs,
      SHORTEST_BACKOFF_MS * 2 ** Math.min(this.#failures, 10),
    );
    const retryInMs = Math.round(longest * (0.5 + random() / 2));
    emit({ type: 'poll-failed', cause, refused, retryInMs });
    wakeups.by(clock.elapsedMs() + retryInMs);
  }

  noteView(): void {
    const { clock, emit } = this.#context;
    if (this.#awaySince !== null) emit({ type: 'remote-back', awayMs: clock.elapsedMs() - this.#awaySince });
    this.#awaySince = null;
    this.#failures = 0;
  }

  /** After the pushes of a look. */
  notePushes(): void {
    const { pusher, clock } = this.#context;
    this.#unansweredSince = pusher.unanswered === 0 ? null : (this.#unansweredSince ?? clock.elapsedMs());
  }
}
