import type { PushedRef, RefUpdate } from '@errand/queue';
import { MemoryRemote } from '../../packages/testing/src/memory/memory-remote.ts';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import type { FaultKind, Faults } from './faults.ts';
import type { Machine } from './machine.ts';
import type { Program } from './program.ts';
import type { PushMeter } from './push-meter.ts';
import { type Owner, Scheduler } from './scheduler.ts';
import { ServerRules } from './server.ts';
import { type Start, Starts } from './starts.ts';

const LONGEST_RUN_MS = 80_000;

/** What happens, for whoever reads the story of a run. */
export interface Told {
  atMs: number;
  who: string;
  what: string;
}

/** The remote, the time and the weather that all machines of one run share. */
export class World {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly remote = new MemoryRemote();
  readonly rules = new ServerRules();
  readonly starts = new Starts();
  /** How often each fault has struck. */
  readonly struck = new Map<FaultKind, number>();
  readonly #story: Told[] | null;
  /** Changes with every push that changed something. */
  version = 0;
  outageUntilMs = 0;
  /** Counts the pushes of the workers of a queue that has a push budget. */
  meter: PushMeter | null = null;
  /** Requests that are on their way, and pushes that are still to be applied. */
  underWay = 0;
  /** People push now. */
  actsByHand = false;
  /** The last push that changed something was theirs. */
  wasByPeople = false;
  /** What went wrong that is nobody's fault but the code's. */
  problem: string | null = null;
  /** Runs that began while the same task's ran elsewhere. */
  readonly doubles: string[] = [];
  /** Names of machines that somebody has judged lost, or that have changed hands. */
  readonly #suspected = new Set<string>();
  /** Who wrote the heartbeat of a name last. */
  readonly #beatsOf = new Map<string, Machine>();
  /** Tasks that a person has put a result for: whoever is at one then is not waited for. */
  readonly finishedByHand = new Set<string>();
  machines: readonly Machine[] = [];
  #nonces = 0;
  readonly #wakes = new Map<Owner, Set<() => void>>();

  constructor(seed: number, faults: Faults, { story = false } = {}) {
    this.scheduler = new Scheduler(seed);
    this.faults = faults;
    this.#story = story ? [] : null;
    this.remote.hook = (update, objects) =>
      this.rules.judge(update, objects, { nowMs: this.scheduler.nowMs, byHand: this.actsByHand });
  }

  get isRough(): boolean {
    return this.scheduler.nowMs < this.faults.untilMs;
  }

  get story(): readonly Told[] {
    return this.#story ?? [];
  }

  tell(who: string, what: () => string): void {
    this.#story?.push({ atMs: this.scheduler.nowMs, who, what: what() });
  }

  /** Whether something of this kind goes wrong now; counted and told if so. */
  happens(kind: FaultKind): boolean {
    if (!this.isRough || this.faults[kind] === 0 || this.scheduler.stream(kind)() >= this.faults[kind]) return false;
    this.count(kind);
    return true;
  }

  count(kind: FaultKind): void {
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    this.tell('fault', () => kind);
  }

  /** Calls this when a life ends, if it ever does; until it is told that nobody cares any more. */
  whenDead(life: Owner | null, act: () => void): () => void {
    if (life === null) return () => {};
    const wakes = this.#wakes.get(life) ?? new Set();
    this.#wakes.set(life, wakes.add(act));
    return () => void wakes.delete(act);
  }

  noteDeath(life: Owner): void {
    for (const act of this.#wakes.get(life) ?? []) act();
    this.#wakes.delete(life);
  }

  /** A push that takes effect, if only in part, tells whom its sender has judged lost, or whose name it has taken. */
  noteSuspicions(updates: readonly RefUpdate[], by: Machine | null): void {
    for (const { ref, to } of updates) {
      const name = /^refs\/errand\/workers\/(.+)$/.exec(ref)?.[1];
      if (name === undefined || to === null || by === null) continue;
      if (this.remote.objects.get(to)?.content.includes('\nstate: tombstone')) this.#suspected.add(name);
      else if (name === by.name) {
        if ((this.#beatsOf.get(name) ?? by) !== by) this.#suspected.add(name);
        this.#beatsOf.set(name, by);
      }
    }
  }

  bug(error: unknown): void {
    this.problem ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
  }

  /** A worker is about to start an attempt. */
  noteStart(machine: Machine, start: Start): void {
    this.problem ??= this.starts.judge(this.scheduler.nowMs, machine.name, start);
  }

  /** An attempt's program has been started on a machine. */
  noteRun(machine: Machine, { id, nonce }: Program): void {
    this.tell(machine.label, () => `runs ${id} (${nonce.slice(-5)})`);
    const others = this.machines.filter(
      (one) => one !== machine && [...one.programs.values()].some((program) => program.id === id && program.nonce !== nonce),
    );
    for (const { name } of others) {
      this.doubles.push(id);
      if (!this.#suspected.has(name) && !this.#suspected.has(machine.name) && !this.finishedByHand.has(id))
        this.problem ??= `${id} runs on ${machine.name} while it runs on ${name}, whom nobody has suspected`;
    }
  }

  /** It has ended, in whatever way, and what it came to is about to be written down. */
  noteRunEnd(machine: Machine, id: string): void {
    this.tell(machine.label, () => `has run ${id}`);
  }

  hear(machine: Machine, event: WorkerEvent): void {
    if (event.type === 'trouble' && /TypeError|ReferenceError|RangeError|AssertionError/.test(event.text))
      this.bug(new Error(`${machine.label}: ${event.text}`));
    if (event.type === 'looking' || event.type === 'resting' || event.type === 'polled' || event.type === 'push-started') return;
    this.tell(machine.label, () => JSON.stringify(event));
  }

  /** For how long an attempt of this task runs, milliseconds. */
  takeRunMs(_id: string): number {
    return 2_000 + this.scheduler.pick(LONGEST_RUN_MS);
  }

  newNonce(): string {
    this.#nonces += 1;
    return `01KAB3Z0T9M6Y4V1Q8E7R${String(this.#nonces).padStart(5, '0')}`;
  }

  /** The server takes a push that has reached it. */
  apply(updates: readonly RefUpdate[], atomic: boolean, by: Machine | null): Map<string, PushedRef> {
    const refs = this.remote.apply(updates, atomic);
    const accepted = updates.filter(({ ref }) => refs.get(ref)?.state === 'accepted');
    this.noteSuspicions(accepted, by);
    if (accepted.length > 0) {
      this.version += 1;
      this.wasByPeople = this.actsByHand;
    }
    this.tell('remote', () =>
      updates
        .map(
          ({ ref, to }) =>
            `${ref.replace(/^refs\/(?:errand|heads)\//, '')} ${to === null ? 'deleted' : 'set'}: ${refs.get(ref)?.state}`,
        )
        .join(', '),
    );
    return refs;
  }
}
