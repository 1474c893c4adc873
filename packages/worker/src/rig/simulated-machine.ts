import type { FetchOutcome, PushOutcome, RefUpdate } from '@errand/queue';
import { MemoryPort, type MemoryRemote } from '@errand/testing';
import type { WorkerExit } from '../events.ts';
import type { ClaimedWork, HeldAttempt } from '../held.ts';
import { Wakeups } from '../wakeups.ts';
import { Worker } from '../worker.ts';
import type { Fleet, Machine } from './fleet.ts';
import type { Simulation } from './simulation.ts';
import { type StartedRun, StubRunner } from './stub-runner.ts';

/** How often what goes wrong, from 0 to 1; all of it ends at `untilMs` of virtual time. */
export interface Weather {
  untilMs: number;
  lostAnswer: number;
  heldPush: number;
  /** Per request, that the machine is cut off for a while. */
  cutOff: number;
  /** Per request, that the worker dies right there. */
  crash: number;
  /** Per request, that it takes minutes. */
  slow: number;
  /** Per attempt, that it fails instead of being done. */
  failure: number;
}

class Crash extends Error {}

/** What happened to all machines, to see that a run was worth its while. */
export interface Mishaps {
  lostAnswers: number;
  heldPushes: number;
  cutOffs: number;
  crashes: number;
}

interface World {
  simulation: Simulation;
  fleet: Fleet;
  weather: Weather;
  mishaps: Mishaps;
}

/** One machine in the simulation: its worker is started again whenever it crashed, until it is told to stop. */
export class SimulatedMachine {
  readonly #name: string;
  readonly #world: World;
  #worker: Worker | null = null;
  #stopping = false;
  machine: Machine | null = null;

  constructor(name: string, world: World) {
    this.#name = name;
    this.#world = world;
  }

  async live(): Promise<void> {
    const { simulation, fleet, mishaps } = this.#world;
    for (;;) {
      const life = new Life();
      const port = new WeatheredPort(fleet.remote, this.#world, life);
      const wakeups = new SimulatedWakeups(simulation, life);
      const runner = new SimulatedRunner(this.#world, life);
      this.machine = await fleet.boot(this.#name, { port, wakeups, runner, clock: simulation, random: simulation.random });
      this.#worker = new Worker(this.machine.context, { once: false });
      if (this.#stopping) this.#worker.stop();
      const exit: WorkerExit | 'crashed' = await this.#worker.run().catch((error: unknown) => {
        if (life.ended) return 'crashed' as const;
        throw error;
      });
      life.ended = true;
      if (exit !== 'crashed') return;
      mishaps.crashes += 1;
      await simulation.sleep(simulation.pick(300_000)).done;
    }
  }

  stop(): void {
    this.#stopping = true;
    this.#worker?.stop();
  }
}

/** Whether one boot of a worker still lives. */
class Life {
  ended = false;

  check(): void {
    if (this.ended) throw new Crash('the worker died');
  }
}

/** A clone whose requests take their turn and meet the weather. */
class WeatheredPort extends MemoryPort {
  readonly #world: World;
  readonly #life: Life;
  readonly #remote: MemoryRemote;
  #awayUntil = 0;

  constructor(remote: MemoryRemote, world: World, life: Life) {
    super({ remote, branch: 'main', now: () => world.simulation.wallMs() });
    this.#remote = remote;
    this.#world = world;
    this.#life = life;
  }

  override async fetch(): Promise<FetchOutcome> {
    return (await this.#travel()) ? super.fetch() : UNREACHABLE;
  }

  override async fetchBlobs(oids: readonly string[]): Promise<FetchOutcome> {
    return (await this.#travel()) ? super.fetchBlobs(oids) : UNREACHABLE;
  }

  override async push(updates: readonly RefUpdate[], options: { atomic?: boolean } = {}): Promise<PushOutcome> {
    if (!(await this.#travel())) {
      return { refs: new Map(updates.map(({ ref }) => [ref, { state: 'unknown' }])), ok: false, cause: UNREACHABLE.cause };
    }
    this.#spoil();
    const outcome = await super.push(updates, options);
    // The worker may die with the answer on its way.
    await this.#travel();
    return outcome;
  }

  #isRough(): boolean {
    return this.#world.simulation.elapsedMs() < this.#world.weather.untilMs;
  }

  async #travel(): Promise<boolean> {
    const { simulation, weather, mishaps } = this.#world;
    this.#life.check();
    const isSlow = this.#isRough() && simulation.random() < weather.slow;
    await simulation.sleep(simulation.pick(isSlow ? 200_000 : 200)).done;
    this.#life.check();
    if (!this.#isRough()) return true;
    if (simulation.random() < weather.crash) this.#life.ended = true;
    this.#life.check();
    if (simulation.elapsedMs() < this.#awayUntil) return false;
    if (simulation.random() >= weather.cutOff) return true;
    mishaps.cutOffs += 1;
    this.#awayUntil = simulation.elapsedMs() + simulation.pick(400_000);
    return false;
  }

  /** Decides what becomes of the push that is sent next; nobody else can send one in between. */
  #spoil(): void {
    const { simulation, weather, mishaps } = this.#world;
    if (!this.#isRough()) return;
    const luck = simulation.random();
    if (luck < weather.lostAnswer) {
      mishaps.lostAnswers += 1;
      this.#remote.loseNextAnswer();
    } else if (luck < weather.lostAnswer + weather.heldPush) {
      mishaps.heldPushes += 1;
      this.#remote.holdNextPush();
      simulation.spawn(async () => {
        await simulation.sleep(simulation.pick(90_000)).done;
        this.#remote.deliverHeld();
      });
    }
  }
}

const UNREACHABLE = { ok: false as const, cause: { kind: 'unreachable' as const, message: 'cut off' } };

/** Waits in virtual time. */
class SimulatedWakeups extends Wakeups {
  readonly #simulation: Simulation;
  readonly #life: Life;
  #at = Number.POSITIVE_INFINITY;
  #woken = false;
  #wake: (() => void) | null = null;

  constructor(simulation: Simulation, life: Life) {
    super(simulation);
    this.#simulation = simulation;
    this.#life = life;
  }

  override by(elapsedMs: number): void {
    this.#at = Math.min(this.#at, elapsedMs);
  }

  override now(): void {
    this.#woken = true;
    this.#wake?.();
  }

  override async wait(): Promise<void> {
    this.#life.check();
    const sleep = this.#simulation.sleep(this.#woken ? 0 : this.#at - this.#simulation.elapsedMs());
    this.#at = Number.POSITIVE_INFINITY;
    this.#wake = () => sleep.wake();
    await sleep.done;
    this.#wake = null;
    this.#woken = false;
    this.#life.check();
  }
}

/** Attempts that take their time, stand still while frozen, and end with their worker. */
class SimulatedRunner extends StubRunner {
  readonly #world: World;
  readonly #life: Life;

  constructor(world: World, life: Life) {
    super();
    this.#world = world;
    this.#life = life;
  }

  override start(held: HeldAttempt, work: ClaimedWork): void {
    super.start(held, work);
    const started = this.get(held.id);
    this.#world.simulation.spawn(() => this.#run(started));
  }

  async #run(started: StartedRun): Promise<void> {
    const { simulation, weather } = this.#world;
    const { held, run } = started;
    const { id, nonce, attempt } = held;
    const { boot, journal, clock } = this.context;
    const startedAt = new Date(clock.wallMs()).toISOString();
    await journal.write({ id, nonce, attempt, boot, startedAt, unit: null, conclusion: null });
    for (let left = 1 + simulation.pick(20); left > 0 && run.stops.length === 0; ) {
      await simulation.sleep(2_000).done;
      if (this.#life.ended) return;
      if (!run.frozen) left -= 1;
    }
    const fails = simulation.random() < weather.failure;
    const outcome = run.stops[0] === 'cancelled' ? 'cancelled' : run.stops[0] === 'fenced' ? 'fenced' : fails ? 'failed' : 'done';
    await this.endRun(started, run.stops[0] === 'shutdown' ? 'stopped' : outcome, `${nonce} answers`);
  }
}
