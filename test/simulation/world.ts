import type { PushedRef, RefUpdate } from '@errand/queue';
import type { AttemptEntry, Outcome } from '@errand/task';
import { MemoryRemote } from '../../packages/testing/src/memory/memory-remote.ts';
import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import { Claims } from './claims.ts';
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
  /** Attempts whose program began. */
  runs = 0;
  /** Runs that began while the same task's ran elsewhere. */
  readonly doubles: string[] = [];
  readonly #claims: Claims;
  readonly #outcomes = new Set<string>();
  machines: readonly Machine[] = [];
  #nonces = 0;
  readonly #wakes = new Map<Owner, Set<() => void>>();

  constructor(seed: number, faults: Faults, { story = false } = {}) {
    this.scheduler = new Scheduler(seed);
    this.faults = faults;
    this.#story = story ? [] : null;
    this.#claims = new Claims({ refs: this.remote.refs, body: (oid) => this.body(oid) });
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

  /** The message of a commit. */
  body(oid: string): string {
    const text = this.remote.objects.get(oid)?.content.toString('utf8') ?? '';
    return text.slice(text.indexOf('\n\n') + 2);
  }

  bug(error: unknown): void {
    this.problem ??= error instanceof Error ? (error.stack ?? error.message) : String(error);
  }

  /** A worker is about to start an attempt. */
  noteStart(machine: Machine, start: Start): void {
    this.problem ??= this.starts.judge(this.scheduler.nowMs, machine.name, start);
    if (this.hasLetGo(start.nonce)) this.problem ??= `${machine.label} starts ${start.id}, whose key it has freed`;
  }

  /** An attempt's program has been started on a machine. */
  noteRun(machine: Machine, { id, nonce, key }: Program): void {
    this.tell(machine.label, () => `runs ${id} (${nonce.slice(-5)})`);
    this.runs += 1;
    for (const other of this.machines) {
      for (const program of other.programs.values()) {
        if (program.nonce === nonce) continue;
        const isSameTask = program.id === id;
        if (isSameTask) this.doubles.push(id);
        else if (key === null || program.key !== key) continue;
        if (this.#claims.wasTaken(program.nonce) || this.#claims.wasTaken(nonce)) continue;
        const rival = isSameTask ? 'it' : `${program.id} of the same key`;
        this.problem ??= `${id} runs on ${machine.label} while ${rival} runs on ${other.label}, from whom nobody has taken it`;
      }
    }
  }

  /** Whether the machine of a claim has freed its key, which begins its end. */
  hasLetGo(nonce: string): boolean {
    return this.#claims.hasLetGo(nonce);
  }

  /** What an attempt has come to, before anything of it is written down. */
  noteOutcome(machine: Machine, { id, attempt }: { id: string; attempt: number }, outcome: Outcome): void {
    this.#outcomes.add(`${id} ${attempt} ${machine.name} ${outcome}`);
  }

  /** Whether what is told of an attempt is what it came to; or what is said of one whose end nobody saw. */
  isTrue(id: string, { attempt, worker, outcome }: AttemptEntry): boolean {
    const isUnseen = outcome === 'lost' || (outcome === 'cancelled' && this.starts.wasEverClosed(id));
    return isUnseen || this.#outcomes.has(`${id} ${attempt} ${worker} ${outcome}`);
  }

  /** A person has put a result there. */
  noteFinishedByHand(id: string): void {
    const programs = this.machines.flatMap((machine) => [...machine.programs.values()]);
    this.#claims.takeByHand(
      id,
      programs.filter((program) => program.id === id).map(({ nonce }) => nonce),
    );
  }

  /** It has ended, in whatever way, and what it came to is about to be written down. */
  noteRunEnd(machine: Machine, id: string): void {
    this.tell(machine.label, () => `has run ${id}`);
  }

  hear(machine: Machine, event: WorkerEvent): void {
    if (this.#isBug(event)) this.problem ??= `${machine.label} said: ${JSON.stringify(event)}`;
    if (event.type === 'looking' || event.type === 'resting' || event.type === 'polled' || event.type === 'push-started') return;
    this.tell(machine.label, () => JSON.stringify(event));
  }

  #hasStruck(...kinds: FaultKind[]): boolean {
    return kinds.some((kind) => this.struck.has(kind));
  }

  /** What no fault explains: nobody files what is not valid, and an error with a stack is expected of a full disk alone. */
  #isBug(event: WorkerEvent): boolean {
    switch (event.type) {
      case 'trouble':
        return /\n\s+at /.test(event.text) && !/^(?:\S+: )?Error: ENOSPC/.test(event.text);
      case 'invalid':
      case 'config-invalid':
        return true;
      case 'moved-back':
        // A clone that has lost its history cannot tell a retry from that.
        return !this.#hasStruck('moveBack', 'moveForward', 'powerCut', 'damage', 'lostObject');
      case 'twin':
        return !this.#hasStruck('twin', 'powerCut');
      default:
        return false;
    }
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
    if (by !== null) this.problem ??= this.#claims.notePush(this.scheduler.nowMs, accepted, by, this.starts.wasClosed);
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
