import type { Run } from './evidence.ts';
import type { OurProcess } from './process-table.ts';
import type { Work } from './work.ts';

/** Two agents of one task, or of one concurrency key, that both really ran. */
export interface Double {
  about: string;
  first: string;
  second: string;
  /** The longest time for which the server did not hear of the holder of the first, until the second began, milliseconds. */
  silentMs: number;
}

export interface DoublesOptions {
  processes: () => OurProcess[];
  /** The longest time for which the server did not hear of a machine between two moments of the wall clock, milliseconds. */
  silentMs: (machine: string, fromMs: number, toMs: number) => number;
  works: ReadonlyMap<string, Work>;
}

/**
 * Watches who runs beside whom. A holder that was silent for a whole ttl may be suspected, rightly or not, and a second
 * agent may begin; without that none may.
 */
export class Doubles {
  readonly found = new Map<string, Double>();
  readonly #options: DoublesOptions;
  readonly #earlier = new Map<string, Run[]>();

  constructor(options: DoublesOptions) {
    this.#options = options;
  }

  /** An agent has begun: who else is running now? */
  start(run: Run): void {
    const key = this.#options.works.get(run.id)?.key ?? null;
    const names = key === null ? [run.id] : [run.id, `key ${key}`];
    for (const name of names) {
      const earlier = this.#earlier.get(name) ?? [];
      const others = earlier.filter((other) => other.endMs === null);
      if (others.length > 0) this.#lookAt(name, run, others);
      this.#earlier.set(name, [...earlier, run]);
    }
  }

  /** Of those which nobody caught: one went on after the other had begun. */
  lookBack(): void {
    for (const [name, runs] of this.#earlier) {
      for (const run of runs) {
        const beside = runs.filter(({ startMs, endMs }) => startMs < run.startMs && endMs !== null && endMs > run.startMs);
        for (const other of beside) this.#note(name, other, run);
      }
    }
  }

  #lookAt(name: string, run: Run, others: readonly Run[]): void {
    const agents = this.#options.processes().filter(({ role, isStill }) => role === 'agent' && !isStill);
    for (const other of others) {
      const isRunning = agents.some(({ env }) => {
        const isIt = env.get('ERRAND_ID') === other.id && env.get('MACHINE') === other.machine;
        return isIt && env.get('ERRAND_ATTEMPT') === String(other.attempt);
      });
      const isSame = other.id === run.id && other.machine === run.machine && other.attempt === run.attempt;
      if (isRunning && !isSame) this.#note(name, other, run);
    }
  }

  #note(about: string, first: Run, second: Run): void {
    const name = `${about}: ${describe(first)}, ${describe(second)}`;
    if (this.found.has(name)) return;
    const silentMs = this.#options.silentMs(first.machine, first.startMs, second.startMs);
    this.found.set(name, { about, first: describe(first), second: describe(second), silentMs });
  }
}

function describe({ id, attempt, machine }: Run): string {
  return `attempt ${attempt} of ${id} on ${machine}`;
}
