import { type Clock, liveMachines, type Observations, type View } from '@errand/planner';

const MINUTE_MS = 60_000;
/** A worker that runs something gets so much for each part that an idle one gets, which only beats, and seldom. */
const BUSY_WEIGHT = 5;
/** So many pushes a worker may have saved up, and never less than those of a minute. */
const BURST = 2;
/** Of a worker's pushes, the share that its heartbeats take at most; the rest is for work. */
const SHARE_OF_HEARTBEATS = 1 / 2;

/** What the live workers of a view weigh together, without this machine, and this machine itself: by what their heartbeats there say. */
export function weighWorkers(view: View, observations: Observations, machine: string): { mine: number; others: number } {
  const weigh = (name: string): number => ((view.workers.get(name)?.value.runs.length ?? 0) > 0 ? BUSY_WEIGHT : 1);
  const others = liveMachines(observations, view).filter((name) => name !== machine);
  return { mine: weigh(machine), others: others.reduce((sum, name) => sum + weigh(name), 0) };
}

/**
 * This worker's share of the pushes that all workers of the queue may make together: a bucket that fills by the share, and from
 * which each push takes one. Who sees the same heartbeats divides in the same way, so the shares are the budget and no more.
 * Pushes that must not wait (a beat that is late, the last ones of a worker that stops) are made all the same, and owed.
 */
export class PushBudget {
  readonly #clock: Clock;
  #perMinute: number | null = null;
  #weights = { mine: 1, others: 0 };
  /** Full at first. */
  #left = Number.POSITIVE_INFINITY;
  #countedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.elapsedMs();
  }

  /** Pushes per minute of the whole queue; null where nothing limits them. */
  get perMinute(): number | null {
    return this.#perMinute;
  }

  /** Takes in what the queue's file says, and who is live. */
  divide(perMinute: number | null, weights: { mine: number; others: number }): void {
    this.#count();
    this.#perMinute = perMinute;
    this.#weights = weights;
  }

  /** Elapsed time from which on a push is within the share, or some time in the past. */
  get freeAt(): number {
    this.#count();
    const rate = this.#pushesPerMs(this.#weights.mine);
    return this.#left >= 1 ? this.#countedAt : this.#countedAt + (1 - this.#left) / rate;
  }

  /** In how many milliseconds the share comes to one push; 0 without a budget. */
  get onePushMs(): number {
    return 1 / this.#pushesPerMs(this.#weights.mine);
  }

  get isSpent(): boolean {
    return this.freeAt > this.#clock.elapsedMs();
  }

  /** Pushes were made, whatever became of them. */
  take(pushes: number): void {
    this.#count();
    this.#left -= pushes;
  }

  /** By how much (1 or more) a heartbeat of this interval must be rarer so that it leaves pushes for work. */
  stretch(intervalMs: number, busy: boolean): number {
    const rate = this.#pushesPerMs(busy ? BUSY_WEIGHT : 1);
    return Math.max(1, 1 / (rate * SHARE_OF_HEARTBEATS * intervalMs));
  }

  #count(): void {
    const now = this.#clock.elapsedMs();
    const passedMs = now - this.#countedAt;
    this.#countedAt = now;
    const rate = this.#pushesPerMs(this.#weights.mine);
    if (Number.isFinite(rate)) this.#left = Math.min(Math.max(BURST, rate * MINUTE_MS), this.#left + passedMs * rate);
    else this.#left = Number.POSITIVE_INFINITY;
  }

  #pushesPerMs(weight: number): number {
    if (this.#perMinute === null) return Number.POSITIVE_INFINITY;
    return ((this.#perMinute / MINUTE_MS) * weight) / (this.#weights.others + weight);
  }
}
