import type { Clock } from '@errand/planner';
import { formatDuration, type Outcome } from '@errand/task';

/** Outcomes that say nothing of it themselves, and of which the owner may wonder when they came about. */
const TOLD: readonly Outcome[] = ['done', 'failed', 'timed-out', 'stalled'];

/** The longest time at a stretch for which an attempt's worker did not see the queue, in elapsed milliseconds. */
export class OutOfTouch {
  #lastSeen: number;
  #longest = { from: 0, ms: 0 };

  constructor(startedAt: number) {
    this.#lastSeen = startedAt;
  }

  /** A view that was read at this time showed the attempt's claim. */
  seen(at: number): void {
    this.#longest = this.#until(at);
    this.#lastSeen = Math.max(this.#lastSeen, at);
  }

  /** What its result says of that, where it was longer than the ttl: others may have counted on its machine's end. */
  describe(outcome: Outcome, clock: Clock, ttlMs: number): string | null {
    const now = clock.elapsedMs();
    const { from, ms } = this.#until(now);
    if (ms <= ttlMs || !TOLD.includes(outcome)) return null;
    const since = new Date(clock.wallMs() - (now - from)).toISOString().slice(0, 19).replace('T', ' ');
    const still = from + ms < now ? '' : ', and still was when it ended';
    return `the machine was out of touch with the queue for ${formatDuration(ms)} from ${since} UTC on${still}`;
  }

  #until(at: number): { from: number; ms: number } {
    const ms = at - this.#lastSeen;
    return ms > this.#longest.ms ? { from: this.#lastSeen, ms } : this.#longest;
  }
}
