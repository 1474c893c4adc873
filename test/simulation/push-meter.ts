const MINUTE_MS = 60_000;
/** What a worker may save up at least, and what it may owe: a duty that has begun pushes once more, and a beat may be late. */
const SAVED = 2;
const OWED = 2;

/**
 * The push budget as one bucket for all workers together. It holds what they may have saved up, gets what the budget says, and each push that
 * reaches the remote takes one; a start of a worker begins with a full bucket of its own. It may not be emptier than what all may owe.
 */
export class PushMeter {
  readonly #perMinute: number;
  #workers: number;
  #left: number;
  #countedAtMs = 0;

  constructor(perMinute: number, workers: number) {
    this.#perMinute = perMinute;
    this.#workers = workers;
    this.#left = this.#most;
  }

  /** One more worker, of a name that is taken: of one name two save up, and owe. */
  addTwin(): void {
    this.#workers += 1;
  }

  /** A worker starts: what it has saved up is anew. */
  noteStart(nowMs: number): void {
    this.#count(nowMs, Math.max(SAVED, this.#perMinute));
  }

  /** A push has reached the remote, whatever became of it. Says what is wrong, or null. */
  notePush(nowMs: number): string | null {
    this.#count(nowMs, -1);
    const owed = -Math.floor(this.#left);
    if (owed <= OWED * this.#workers) return null;
    return `${owed} pushes more than ${this.#perMinute} a minute and what may be saved up`;
  }

  get #most(): number {
    return SAVED * this.#workers + this.#perMinute;
  }

  #count(nowMs: number, change: number): void {
    const earned = ((nowMs - this.#countedAtMs) * this.#perMinute) / MINUTE_MS;
    this.#countedAtMs = nowMs;
    this.#left = Math.min(this.#most, Math.min(this.#most, this.#left + earned) + change);
  }
}
