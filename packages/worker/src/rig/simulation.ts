import type { Clock } from '@errand/planner';

const START_MS = Date.UTC(2026, 10, 20, 9);

interface Sleeper {
  at: number;
  resolve: () => void;
}

/** Numbers in [0, 1) from a seed: the same seed gives the same run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Virtual time and turns. Exactly one process acts at a time; when it pauses, the one that is due next goes on, and among
 * those that are due in one moment the seed decides. So a run does not depend on how fast anything is.
 */
export class Simulation implements Clock {
  readonly random: () => number;
  readonly #sleepers: Sleeper[] = [];
  #elapsedMs = 0;
  #acting = 0;
  #failure: unknown = null;
  #over: () => void = () => {};

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  wallMs(): number {
    return START_MS + this.#elapsedMs;
  }

  elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** A whole number from 0 to `below` - 1. */
  pick(below: number): number {
    return Math.floor(this.random() * below);
  }

  /** Starts a process, which must pause only here. The first one to fail ends the simulation with its error. */
  spawn(process: () => Promise<void>): void {
    this.#acting += 1;
    this.sleep(0)
      .done.then(process)
      .catch((error: unknown) => {
        this.#failure ??= error ?? new Error('a process failed');
      })
      .finally(() => {
        this.#acting -= 1;
        this.#next();
      });
  }

  /** Pauses for so long; `wake` on what it gives back cuts the pause short. */
  sleep(ms: number): { done: Promise<void>; wake(): void } {
    const sleeper: Sleeper = { at: this.#elapsedMs + Math.max(0, ms), resolve: () => {} };
    const done = new Promise<void>((resolve) => {
      sleeper.resolve = resolve;
    });
    this.#sleepers.push(sleeper);
    this.#acting -= 1;
    // Not before whoever called had the chance to keep `wake`.
    queueMicrotask(() => this.#next());
    return {
      done,
      wake: () => {
        sleeper.at = Math.min(sleeper.at, this.#elapsedMs);
      },
    };
  }

  /** Runs until every process has ended. */
  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#over = resolve;
    });
    if (this.#failure !== null) throw this.#failure;
  }

  #next(): void {
    if (this.#acting > 0) return;
    if (this.#failure !== null || this.#sleepers.length === 0) {
      this.#over();
      return;
    }
    const earliest = Math.min(...this.#sleepers.map(({ at }) => at));
    this.#elapsedMs = Math.max(this.#elapsedMs, earliest);
    const due = this.#sleepers.filter(({ at }) => at <= this.#elapsedMs);
    const next = due[this.pick(due.length)];
    if (!next) return;
    this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
    this.#acting += 1;
    next.resolve();
  }
}
