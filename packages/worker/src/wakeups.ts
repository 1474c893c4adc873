import type { Clock } from '@errand/planner';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * When the loop must look again. Duties ask for a time; anything that happens (an attempt ended, the remote changed, a
 * signal) wakes it at once. A wake that comes while the loop is busy is not lost: the next wait returns at once.
 */
export class Wakeups {
  readonly #clock: Clock;
  #at = Number.POSITIVE_INFINITY;
  #woken = false;
  #urgent = false;
  #look: (() => void) | null = null;
  #told = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for a look at this elapsed time at the latest. */
  by(elapsedMs: number): void {
    this.#at = Math.min(this.#at, elapsedMs);
  }

  /** The same for something that comes up while the loop waits. */
  soon(elapsedMs: number): void {
    this.by(elapsedMs);
    this.#look?.();
  }

  /** The remote told that it has changed: not to this worker alone, so that others look at the same moment. */
  noteTold(): void {
    this.#told = true;
  }

  /** Whether it told so since this was last asked. */
  takeTold(): boolean {
    const told = this.#told;
    this.#told = false;
    return told;
  }

  now(): void {
    this.#woken = true;
    this.#look?.();
  }

  /** Like `now`, and a pause does not hold it back: somebody wants the worker to stop. */
  urgently(): void {
    this.#urgent = true;
    this.now();
  }

  /** How long a wait would last if nothing woke it, milliseconds from 0 to the longest that a timer can. */
  leftMs(notBefore = Number.NEGATIVE_INFINITY): number {
    const asked = this.#woken ? Number.NEGATIVE_INFINITY : this.#at;
    const at = this.#urgent ? asked : Math.max(asked, notBefore);
    return Math.min(LONGEST_TIMER_MS, Math.max(0, at - this.#clock.elapsedMs()));
  }

  /** Returns when something woke it or the earliest asked time has come, but not before `notBefore`; then forgets the times. */
  async wait(notBefore = Number.NEGATIVE_INFINITY): Promise<void> {
    for (;;) {
      const leftMs = this.leftMs(notBefore);
      if (leftMs <= 0) break;
      if ((await this.#sleep(leftMs)) === 'slept') break;
    }
    this.#at = Number.POSITIVE_INFINITY;
    this.#woken = false;
    this.#urgent = false;
  }

  async #sleep(ms: number): Promise<'slept' | 'woken'> {
    const how = await new Promise<'slept' | 'woken'>((resolve) => {
      const timer = setTimeout(() => resolve('slept'), ms);
      this.#look = () => {
        clearTimeout(timer);
        resolve('woken');
      };
    });
    this.#look = null;
    return how;
  }
}
