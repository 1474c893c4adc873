/**
 * Whether the loop of the worker still does what it said it would: steps, none of which may take longer than `patienceMs`, or a rest
 * until a time that it named. Times are milliseconds of a clock that stands still while the machine sleeps.
 */
export class Liveness {
  readonly #patienceMs: number;
  readonly #nowMs: () => number;
  #due: number;

  constructor(patienceMs: number, nowMs: () => number) {
    this.#patienceMs = patienceMs;
    this.#nowMs = nowMs;
    this.#due = nowMs() + patienceMs;
  }

  /** It has done something. */
  step(): void {
    this.#due = this.#nowMs() + this.#patienceMs;
  }

  /** It does nothing until then, and will be heard of soon after. */
  rest(forMs: number): void {
    this.#due = this.#nowMs() + forMs + this.#patienceMs;
  }

  /** For how long it should have been heard of by now, milliseconds; null while all is well. */
  overdueMs(): number | null {
    const late = this.#nowMs() - this.#due;
    return late > 0 ? late : null;
  }
}
