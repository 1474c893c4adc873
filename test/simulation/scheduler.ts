import { Dice } from '../rig/dice.ts';

const drained = (() => {
  // Kept from before the platform puts its own timers in the place of Node's.
  const soon = globalThis.setImmediate;
  return (): Promise<void> => new Promise((resolve) => soon(resolve));
})();

/** Whose an event is: a machine that may be dead or stand still by then, or null for the world itself. */
export interface Owner {
  /** What was asked for before it died never comes. */
  readonly dead: boolean;
  /** Until then it stands still, as in a sleep: what is due comes when it wakes. */
  readonly asleepUntilMs: number;
}

interface Event {
  at: number;
  /** Decides among those that are due in one moment. */
  lot: number;
  owner: Owner | null;
  act: () => void;
}

export interface Alarm {
  cancel(): void;
}

/** Numbers in [0, 1) from a seed: the same seed gives the same run. */
export function seededRandom(seed: number): () => number {
  const dice = new Dice(seed);
  return () => dice.next();
}

/** What the clocks of all show in the beginning, milliseconds since 1970. */
export const START_MS = Date.UTC(2026, 10, 20, 9);

/**
 * Virtual time. One event acts at a time, with all that follows from it without waiting; then the one that is due next, and among
 * those of one moment the seed decides. Nothing depends on how fast anything is, so one seed is one run.
 */
export class Scheduler {
  readonly random: () => number;
  readonly #seed: number;
  readonly #streams = new Map<string, () => number>();
  readonly #events: Event[] = [];
  #nowMs = 0;
  #acting: Owner | null = null;

  constructor(seed: number) {
    this.#seed = seed;
    this.random = seededRandom(seed);
  }

  /** Milliseconds since the beginning. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whose event acts now. */
  get acting(): Owner | null {
    return this.#acting;
  }

  /** Chances of one kind of thing, which others do not shift: what is taken out of a run leaves the rest as much as it can. */
  stream(name: string): () => number {
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    let mixed = this.#seed;
    for (const letter of name) mixed = (Math.imul(mixed, 31) + letter.charCodeAt(0)) >>> 0;
    const made = seededRandom(mixed);
    this.#streams.set(name, made);
    return made;
  }

  /** A whole number from 0 to `below` - 1. */
  pick(below: number): number {
    return Math.floor(this.random() * below);
  }

  /** One of them, if there is any. */
  one<T>(of: readonly T[]): T | undefined {
    return of[this.pick(of.length)];
  }

  chance(share: number): boolean {
    return share > 0 && this.random() < share;
  }

  /** Calls `act` after so long, for whoever acts now. */
  after(ms: number, act: () => void, owner = this.#acting): Alarm {
    const event = { at: this.#nowMs + Math.max(0, ms), lot: this.random(), owner, act };
    this.#insert(event);
    return {
      cancel: () => {
        event.act = () => {};
      },
    };
  }

  /** Resolves after so long, and never for an owner that has died by then. */
  sleep(ms: number, owner = this.#acting): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve, owner));
  }

  /** Goes on until `isOver`, or until nothing is left. `afterEach` looks at the world after each event. */
  async run(isOver: () => boolean, afterEach: () => void): Promise<void> {
    while (!isOver()) {
      const event = this.#events.pop();
      if (event === undefined) return;
      if (event.owner?.dead) continue;
      this.#nowMs = Math.max(this.#nowMs, event.at);
      if (event.owner !== null && event.owner.asleepUntilMs > this.#nowMs) {
        this.#insert({ ...event, at: event.owner.asleepUntilMs });
        continue;
      }
      this.#acting = event.owner;
      event.act();
      await drained();
      this.#acting = null;
      afterEach();
    }
  }

  /** Kept with the next one at the end. */
  #insert(event: Event): void {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#events[middle] as Event;
      if (other.at > event.at || (other.at === event.at && other.lot > event.lot)) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}
