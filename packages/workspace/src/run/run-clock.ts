/** What the clocks of an attempt say: go on and look again in so many milliseconds, or it is over. */
export type RunVerdict = { over: false; lookInMs: number } | { over: true; why: 'timed-out' | 'stalled' };

const LONGEST_LOOK_MS = 1_000;
/** A look that comes later than this was not late by load: the machine slept, or this process was stopped. */
const LATE_MS = 5_000;

/**
 * Counts the time in which an attempt could work: since its start, and since its last output. Time while it is frozen does not
 * count, nor a gap in which nobody looked. Pure: every call is told the time, elapsed milliseconds.
 */
export class RunClock {
  readonly #wallMs: number;
  readonly #idleMs: number | null;
  #at: number;
  #spentMs = 0;
  #silentMs = 0;
  #lookInMs = LONGEST_LOOK_MS;
  #frozen = false;

  constructor(limits: { wallMs: number; idleMs: number | null }, now: number) {
    this.#wallMs = limits.wallMs;
    this.#idleMs = limits.idleMs;
    this.#at = now;
  }

  look(now: number): RunVerdict {
    this.#count(now);
    const wallLeftMs = this.#wallMs - this.#spentMs;
    const idleLeftMs = this.#idleMs === null ? Number.POSITIVE_INFINITY : this.#idleMs - this.#silentMs;
    if (wallLeftMs <= 0) return { over: true, why: 'timed-out' };
    if (idleLeftMs <= 0) return { over: true, why: 'stalled' };
    this.#lookInMs = Math.min(LONGEST_LOOK_MS, wallLeftMs, idleLeftMs);
    return { over: false, lookInMs: this.#lookInMs };
  }

  /** Milliseconds in which it could work. */
  spentMs(now: number): number {
    this.#count(now);
    return this.#spentMs;
  }

  noteOutput(now: number): void {
    this.#count(now);
    this.#silentMs = 0;
  }

  freeze(now: number): void {
    this.#count(now);
    this.#frozen = true;
  }

  thaw(now: number): void {
    this.#count(now);
    this.#frozen = false;
  }

  #count(now: number): void {
    const gapMs = now - this.#at;
    this.#at = now;
    if (this.#frozen) return;
    const countedMs = gapMs > this.#lookInMs + LATE_MS ? this.#lookInMs : gapMs;
    this.#spentMs += countedMs;
    this.#silentMs += countedMs;
  }
}
