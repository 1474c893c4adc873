import type { Task } from '@errand/task';
import { type Candidate, findMisfit } from './candidate.ts';
import type { Context } from './context.ts';
import { waitingRecordOf } from './eligibility.ts';
import { firstOf, rankByRendezvous } from './rendezvous.ts';
import { findRetryWait } from './retry.ts';
import type { Self } from './self.ts';
import { countUsedSlots } from './slots.ts';
import type { TaskFile } from './view.ts';

/** How long a task is left to each free machine that comes before this one: so long, or twice what a look takes, if that is longer. */
const PATIENCE_MS = 1_000;
const PATIENCE_LOOKS = 2;
/** Machines that let it lie, after which nobody is waited for any more. */
const MOST_PASSED = 3;

/** A task that this machine leaves to another for a moment. */
export interface LeftTask {
  to: string;
  /** Elapsed milliseconds when this machine first left it to somebody. */
  since: number;
  /** Until when it is left to that one. */
  dueAt: number;
}

/**
 * Deals tasks among the live machines, so that they do not all push for the same one: each finds out by the rendezvous hash, without a
 * word, whose turn it is (docs/decisions/0007). Only courtesy: whoever claims out of turn wins or loses as ever.
 */
export class Deal {
  readonly #self: Self;
  readonly #context: Context;
  readonly #leftSince: ReadonlyMap<string, number>;
  readonly #together: boolean;
  /** Slots of the others that are free in this view, less what was dealt to them. */
  readonly #free: Map<string, number>;
  readonly #patienceMs: number;

  /**
   * `leftSince`: since when tasks have been left to others, by id, as of this machine's last plan. `together`: others look at the same
   * moment; else who looks first need not wait for those that look later.
   */
  constructor(self: Self, context: Context, leftSince: ReadonlyMap<string, number>, together: boolean) {
    this.#self = self;
    this.#context = context;
    this.#leftSince = leftSince;
    this.#together = together;
    const { view, now } = context;
    this.#patienceMs = Math.max(PATIENCE_MS, PATIENCE_LOOKS * (now.elapsedMs - view.at));
    this.#free = new Map(
      context.others.map(({ machine }) => [
        machine,
        (view.workers.get(machine)?.value.slots ?? 0) - countUsedSlots(view, machine),
      ]),
    );
  }

  /** Whether this machine is the first for the task among all that can take it, whether they have a free slot or not. */
  isOwn(task: Task): boolean {
    const { others, now } = this.#context;
    if (others.length === 0) return true;
    const able = others.filter((other) => findMisfit(task, other, now.wallMs) === null);
    return firstOf([this.#self.machine, ...able.map(({ machine }) => machine)], task.id) === this.#self.machine;
  }

  /** The machine with a free slot that a task is left to for now, or null where it is this one's turn. */
  leave(file: TaskFile, task: Task): LeftTask | null {
    const { others, now } = this.#context;
    if (!this.#together && !this.#leftSince.has(file.id)) return null;
    const free = others.filter((other) => this.#canTake(file, task, other)).map(({ machine }) => machine);
    const since = this.#leftSince.get(file.id) ?? now.elapsedMs;
    const passed = Math.max(0, Math.floor((now.elapsedMs - since) / this.#patienceMs));
    const ranked = rankByRendezvous([this.#self.machine, ...free], file.id);
    const to = ranked[passed];
    if (passed >= MOST_PASSED || to === undefined || ranked.indexOf(this.#self.machine) <= passed) return null;
    this.#free.set(to, (this.#free.get(to) ?? 0) - 1);
    return { to, since, dueAt: since + (passed + 1) * this.#patienceMs };
  }

  #canTake(file: TaskFile, task: Task, other: Candidate): boolean {
    if ((this.#free.get(other.machine) ?? 0) <= 0) return false;
    if (findMisfit(task, other, this.#context.now.wallMs) !== null) return false;
    return findRetryWait(file, task, waitingRecordOf(file, this.#context), other.machine, this.#context) === null;
  }
}
