import type { Clock } from '@errand/planner';
import type { Queue } from '@errand/queue';
import { MemoryClone } from '../../packages/testing/src/memory/memory-port.ts';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import type { Worker } from '../../packages/worker/src/worker.ts';
import { bootWorker } from './boot.ts';
import { SimulatedDisk } from './disk.ts';
import type { Boot } from './platform/stage.ts';
import type { Program } from './program.ts';
import { START_MS } from './scheduler.ts';
import type { World } from './world.ts';

/** After so long without a word from its worker a guard freezes what it runs: two thirds of the ttl. */
const GUARD_MS = 120_000;

/** One life of a worker's process. */
class Life implements Boot {
  readonly #machine: Machine;
  readonly #world: World;
  dead = false;
  /** Until then its process alone stands still. */
  stalledUntilMs = 0;

  constructor(machine: Machine, world: World) {
    this.#machine = machine;
    this.#world = world;
  }

  get disk(): SimulatedDisk {
    return this.#machine.disk;
  }

  get asleepUntilMs(): number {
    return Math.max(this.#machine.asleepUntilMs, this.stalledUntilMs);
  }

  endProgram(nonce: string): void {
    this.#machine.programs.get(nonce)?.end();
  }

  beforeRequest(): void {
    if (this.dead) return;
    if (this.#world.happens('crash')) this.#machine.crash('crash');
    else if (this.#world.happens('powerCut')) this.#machine.crash('powerCut');
  }

  /** A request of this life is about to be sent or has come back. */
  async onTheWay(): Promise<void> {
    this.beforeRequest();
    if (this.dead) await new Promise<never>(() => {});
  }
}

/** A machine whose worker is started again whenever it has ended, until it is told to stop. */
export class Machine {
  readonly name: string;
  /** What a story calls it: a twin has the name of another. */
  readonly label: string;
  readonly disk = new SimulatedDisk();
  readonly clock: Clock;
  /** What runs on it for its attempts, by nonce. */
  readonly programs = new Map<string, Program>();
  readonly #world: World;
  #life: Life | null = null;
  #worker: Worker | null = null;
  #queue: Queue | null = null;
  #stopping = false;
  #wallOffsetMs = 0;
  asleepUntilMs = 0;
  beatsLostUntilMs = 0;
  /** Its private clone, which outlives its worker. */
  clone = new MemoryClone();
  /** Nothing of it runs any more. */
  stopped = false;

  constructor(name: string, world: World, label = name) {
    this.name = name;
    this.label = label;
    this.#world = world;
    const { scheduler } = world;
    this.disk.makeFolder('/state');
    this.clock = { wallMs: () => START_MS + scheduler.nowMs + this.#wallOffsetMs, elapsedMs: () => 1_000 + scheduler.nowMs };
  }

  get isUp(): boolean {
    return this.#life !== null;
  }

  get isAwake(): boolean {
    return this.asleepUntilMs <= this.#world.scheduler.nowMs;
  }

  start(): void {
    const { scheduler } = this.#world;
    const life = new Life(this, this.#world);
    this.#life = life;
    this.#world.tell(this.label, () => 'starts');
    this.#world.meter?.noteStart(scheduler.nowMs);
    scheduler.after(0, () => void this.#live(life), life);
  }

  async #live(life: Life): Promise<void> {
    try {
      const { worker, queue } = await bootWorker(this.#world, this, life);
      this.#worker = worker;
      this.#queue = queue;
      if (this.#stopping) worker.stop();
      const exit = await worker.run();
      this.#world.tell(this.label, () => `ended: ${exit}`);
      this.#end(life);
      if (this.#stopping) this.stopped = true;
      else this.#startLater();
    } catch (error) {
      if (life.dead) return;
      // A start that fails (a full disk, say) is tried again by the service manager.
      this.#world.tell(this.label, () => `did not start: ${String(error)}`);
      if (!isOfTheDisk(error)) this.#world.bug(error);
      this.#end(life);
      this.#startLater();
    }
  }

  #end(life: Life): void {
    life.dead = true;
    this.#world.noteDeath(life);
    this.#life = null;
    this.#worker = null;
    this.#queue = null;
  }

  crash(kind: 'crash' | 'powerCut'): void {
    const { scheduler } = this.#world;
    if (this.#life === null) return;
    this.#world.tell(this.label, () => (kind === 'crash' ? 'its worker dies' : 'its power is cut'));
    this.#end(this.#life);
    if (kind === 'powerCut') {
      this.disk.cutPower(() => scheduler.chance(0.5));
      for (const program of this.programs.values()) program.end();
      // The pages of the clone are no more synced than anything else that can be made anew.
      if (scheduler.chance(0.5)) this.clone = new MemoryClone();
      else this.damage();
    }
    this.#startLater();
  }

  /** Its processes are gone with its worker by now, or by the time that the next one starts, as its guard or its next boot sees to it. */
  #startLater(): void {
    const { scheduler } = this.#world;
    for (const program of this.programs.values()) scheduler.after(scheduler.pick(20_000), () => program.end(), null);
    scheduler.after(scheduler.pick(240_000), () => this.#life ?? this.start(), null);
  }

  /** A command of a person's, in the queue's folder of this machine; it ends where its worker's life does. */
  command(act: (queue: Queue) => Promise<unknown>): void {
    const queue = this.#queue;
    if (queue === null) return;
    const run = (): void =>
      void act(queue).catch((error: unknown) => {
        if (!isOfTheDisk(error)) this.#world.bug(error);
      });
    this.#world.scheduler.after(0, run, this.#life);
  }

  sleepFor(ms: number): void {
    this.asleepUntilMs = this.#world.scheduler.nowMs + ms;
    this.#world.tell(this.label, () => `sleeps for ${Math.round(ms / 1000)} s`);
  }

  /** Its worker's process alone stands still. Its guard, which hears nothing of it, freezes what it runs. */
  stallFor(ms: number): void {
    const life = this.#life;
    if (life === null) return;
    const { scheduler } = this.#world;
    life.stalledUntilMs = scheduler.nowMs + ms;
    this.#world.tell(this.label, () => `its worker stands still for ${Math.round(ms / 1000)} s`);
    const freeze = (): void => {
      if (scheduler.nowMs >= life.stalledUntilMs) return;
      for (const program of this.programs.values()) program.frozenByGuard = true;
    };
    scheduler.after(GUARD_MS, freeze, null);
  }

  /** The remote takes everything from it but its heartbeats, and what is pushed with one. */
  loseBeatsFor(ms: number): void {
    this.beatsLostUntilMs = this.#world.scheduler.nowMs + ms;
  }

  jumpClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  fillDisk(forMs: number): void {
    this.disk.full = true;
    const free = (): void => {
      this.disk.full = false;
    };
    this.#world.scheduler.after(forMs, free, null);
  }

  /** Something that is needed is gone from its clone: of what the remote's refs lead to. */
  damage(): void {
    const { remote, scheduler } = this.#world;
    const tips = [...this.clone.refs.values()];
    const tip = tips[scheduler.pick(tips.length)];
    if (tip === undefined) return;
    const objects = [...remote.objects.within(tip)];
    this.clone.lose(objects[scheduler.pick(objects.length)] as string);
  }

  stop(): void {
    this.#stopping = true;
    this.disk.full = false;
    if (this.#life === null) this.stopped = true;
    // As whoever owns the process would: its timers are its own.
    else this.#world.scheduler.after(0, () => this.#worker?.stop(), this.#life);
  }

  hear(event: WorkerEvent): void {
    this.#world.hear(this, event);
  }
}

function isOfTheDisk(error: unknown): boolean {
  return (error as { code?: string }).code === 'ENOSPC';
}
