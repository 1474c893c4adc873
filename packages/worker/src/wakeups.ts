import type { Clock } from '@errand/planner';

/**
 * When the loop must look again. Duties ask for a time; anything that happens (an attempt ended, the remote changed, a
 * signal) wakes it at once. A wake that comes while the loop is busy is not lost: the next wait returns at once.
 */
export class Wakeups {
  readonly #clock: Clock;
  #at = Number.POSITIVE_INFINITY;
  #woken = false;
  #resolve: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a look at this elapsed time at the latest. */
  by(elapsedMs: number): void {
    this.#at = Math.min(this.#at, elapsedMs);
  }

  now(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** Returns when something woke it or the earliest asked time has come, and forgets the times. */
  async wait(): Promise<void> {
    const at = this.#at;
    this.#at = Number.POSITIVE_INFINITY;
    if (!this.#woken && at > this.#clock.elapsedMs()) {
      await new Promise<void>((resolve) => {
        const longest = 2 ** 31 - 1;
        const timer = setTimeout(resolve, Math.min(longest, Math.max(0, at - this.#clock.elapsedMs())));
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#resolve = null;
    }
    this.#woken = false;
  }
}
