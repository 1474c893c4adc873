import type { Clock } from '@errand/planner';
import { Wakeups } from '../../packages/worker/src/wakeups.ts';

interface Due {
  at: number;
  happen(): Promise<void>;
}

/** Virtual time: it moves on only while everybody waits, to whatever is due next. */
export class YearClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 1_000;
  #due: Due[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  wallMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** Lets something happen in so many milliseconds. */
  in(ms: number, happen: () => Promise<void>): void {
    this.#due.push({ at: this.#elapsedMs + ms, happen });
  }

  /** Moves on to `at`, or to what happens before that. */
  async moveOn(at: number): Promise<void> {
    const next = Math.min(at, ...this.#due.map((due) => due.at));
    this.#elapsedMs = Math.max(this.#elapsedMs, next);
    const now = this.#due.filter((due) => due.at <= this.#elapsedMs);
    this.#due = this.#due.filter((due) => due.at > this.#elapsedMs);
    for (const { happen } of now) await happen();
  }
}

/** Waits in virtual time, after everything that goes on beside the loop has come to its end. */
export class YearWakeups extends Wakeups {
  readonly #year: YearClock;
  readonly #beside: () => Promise<void>;
  #at = Number.POSITIVE_INFINITY;
  #woken = false;

  constructor(clock: YearClock, beside: () => Promise<void>) {
    super(clock);
    this.#year = clock;
    this.#beside = beside;
  }

  override by(elapsedMs: number): void {
    this.#at = Math.min(this.#at, elapsedMs);
  }

  override now(): void {
    this.#woken = true;
  }

  override async wait(): Promise<void> {
    await this.#beside();
    while (!this.#woken && this.#at > this.#year.elapsedMs()) await this.#year.moveOn(this.#at);
    this.#at = Number.POSITIVE_INFINITY;
    this.#woken = false;
  }
}
