import { describeTasks, noObservations, type Observations, observe } from '@errand/planner';
import { type ResultStateCache, readResultStates, ViewReader } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { People } from './people.ts';
import { START_MS } from './scheduler.ts';
import type { World } from './world.ts';

/** Somebody who looks at `errand status` every minute, from a machine that runs nothing: what it says must be what is. */
export class Onlooker {
  readonly #world: World;
  readonly #people: People;
  readonly #port: MemoryPort;
  readonly #reader: ViewReader;
  readonly #cache: ResultStateCache = new Map();
  #observations: Observations = noObservations;

  constructor(world: World, people: People) {
    this.#world = world;
    this.#people = people;
    const { objects, refs } = world.remote;
    const push = (): Promise<never> => Promise.reject(new Error('who looks on pushes nothing'));
    this.#port = new MemoryPort({ remote: { objects, refs, request: async () => null, push }, branch: 'main' });
    this.#reader = new ViewReader(this.#port, 'main');
  }

  async look(): Promise<void> {
    await this.#look().catch((error: unknown) => this.#world.bug(error));
  }

  async #look(): Promise<void> {
    const { nowMs } = this.#world.scheduler;
    await this.#port.fetch();
    const view = await this.#reader.read(nowMs);
    this.#observations = observe(this.#observations, view);
    const now = { wallMs: START_MS + nowMs, elapsedMs: nowMs };
    const states = await readResultStates(this.#port, view, this.#cache);
    const described = describeTasks(view, this.#observations, null, now, states);
    const open = [...this.#people.tasks().keys()].filter((id) => !this.#people.results().has(id)).sort();
    const shown = described.map(({ id }) => id);
    if (shown.join() !== open.join()) throw new Error(`status shows ${shown.join()}, and open are ${open.join()}`);
    for (const { id, state, reason, worker } of described) {
      if (reason === '') throw new Error(`status says of ${id} that it is ${state}, and not why`);
      const record = view.records.get(id)?.value;
      const isRunning = record?.state === 'claimed' || record?.state === 'parked';
      if (state === 'running' && (!isRunning || worker !== record.worker))
        throw new Error(`status says that ${id} runs on ${worker}, and its record is ${record?.state ?? 'not there'}`);
    }
  }
}
