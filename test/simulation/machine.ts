import type { Clock } from '@errand/planner';
import type { MemoryPort } from '@errand/testing';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import type { Worker } from '../../packages/worker/src/worker.ts';
import { bootWorker } from './boot.ts';
import { SimulatedDisk } from './disk.ts';
import type { Boot } from './platform/stage.ts';
import type { World } from './world.ts';

const START_MS = Date.UTC(2026, 10, 20, 9);

/** A program that an attempt has started, and that is not ended by the mere end of its worker. */
export interface Program {
  id: string;
  nonce: string;
  key: string | null;
  frozen: boolean;
}

/** One life of a worker's process. */
class Life implements Boot {
  readonly #machine: Machine;
  readonly #world: World;
  dead = false;

  constructor(machine: Machine, world: World) {
    this.#machine = machine;
    this.#world = world;
  }

  get disk(): SimulatedDisk {
    return this.#machine.disk;
  }

  get asleepUntilMs(): number {
    return this.#machine.asleepUntilMs;
  }

  endProgram(nonce: string): void {
    this.#machine.programs.delete(nonce);
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
  readonly disk = new SimulatedDisk();
  readonly clock: Clock;
  /** What runs on it for its attempts, by nonce. */
  readonly programs = new Map<string, Program>();
  readonly #world: World;
  #life: Life | null = null;
  #worker: Worker | null = null;
  #stopping = false;
  #wallOffsetMs = 0;
  asleepUntilMs = 0;
  port: MemoryPort | null = null;
  /** Nothing of it runs any more. */
  stopped = false;

  constructor(name: string, world: World) {
    this.name = name;
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
    this.#world.tell(this.name, () => 'starts');
    scheduler.after(0, () => void this.#live(life), life);
  }

  async #live(life: Life): Promise<void> {
    try {
      const worker = await bootWorker(this.#world, this, life);
      this.#worker = worker;
      if (this.#stopping) worker.stop();
      const exit = await worker.run();
      this.#world.tell(this.name, () => `ended: ${exit}`);
      this.#end(life);
      if (this.#stopping) this.stopped = true;
      else this.#startLater();
    } catch (error) {
      if (life.dead) return;
      // A start that fails (a full disk, say) is tried again by the service manager.
      this.#world.tell(this.name, () => `did not start: ${String(error)}`);
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
  }

  crash(kind: 'crash' | 'powerCut'): void {
    const { scheduler } = this.#world;
    if (this.#life === null) return;
    this.#world.tell(this.name, () => (kind === 'crash' ? 'its worker dies' : 'its power is cut'));
    this.#end(this.#life);
    if (kind === 'powerCut') {
      this.disk.cutPower(() => scheduler.chance(0.5));
      this.programs.clear();
      // The pages of the clone are no more synced than anything else that can be made anew.
      this.port = null;
    }
    this.#startLater();
  }

  /** Its processes are gone with its worker by now, or by the time that the next one starts, as its guard or its next boot sees to it. */
  #startLater(): void {
    const { scheduler } = this.#world;
    for (const nonce of this.programs.keys()) scheduler.after(scheduler.pick(20_000), () => this.programs.delete(nonce), null);
    scheduler.after(scheduler.pick(240_000), () => this.#life ?? this.start(), null);
  }

  sleepFor(ms: number): void {
    this.asleepUntilMs = this.#world.scheduler.nowMs + ms;
    this.#world.tell(this.name, () => `sleeps for ${Math.round(ms / 1000)} s`);
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

  /** Something that is needed is gone from its clone. */
  damage(): void {
    const tip = this.#world.remote.refs.get('refs/heads/main');
    if (tip === undefined || this.port === null) return;
    const objects = [...this.#world.remote.objects.within(tip)];
    const lost = objects[this.#world.scheduler.pick(objects.length)];
    if (lost !== undefined) this.port.lose(lost);
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
