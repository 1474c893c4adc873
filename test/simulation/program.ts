import type { Machine } from './machine.ts';
import type { Owner } from './scheduler.ts';
import type { World } from './world.ts';

const STEP_MS = 2_000;

/** An attempt, and for how long it runs, milliseconds. */
export type Run = Pick<Program, 'id' | 'nonce' | 'key'> & { forMs: number };

/** What an attempt has started, and what goes on while its worker stands still, and for a while after it has died. */
export class Program implements Owner {
  readonly id: string;
  readonly nonce: string;
  /** The concurrency key of its task. */
  readonly key: string | null;
  /** Frozen by its worker. */
  frozen = false;
  /** Frozen by the guard, which hears nothing from the worker. */
  frozenByGuard = false;
  /** It has come to its own end. */
  ended = false;
  readonly #machine: Machine;
  readonly #world: World;
  #leftMs: number;
  dead = false;

  constructor(world: World, machine: Machine, { id, nonce, key, forMs }: Run) {
    this.#world = world;
    this.#machine = machine;
    this.id = id;
    this.nonce = nonce;
    this.key = key;
    this.#leftMs = forMs;
    this.#step();
  }

  get asleepUntilMs(): number {
    return this.#machine.asleepUntilMs;
  }

  /** It is gone, whatever it was at. */
  end(): void {
    this.dead = true;
    this.#machine.programs.delete(this.nonce);
  }

  #step(): void {
    const goOn = (): void => {
      if (!this.frozen && !this.frozenByGuard) this.#leftMs -= STEP_MS;
      this.ended = this.#leftMs <= 0;
      if (this.ended) this.end();
      else this.#step();
    };
    this.#world.scheduler.after(STEP_MS, goOn, this);
  }
}
