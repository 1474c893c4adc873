import type { Conclusion, StartedAs } from '@errand/queue';
import type { AttemptEntry, ClaimedRecord, Task } from '@errand/task';
import type { Routed } from './routed.ts';
import type { AttemptRun } from './run-switches.ts';

/**
 * A claim of this boot that is not let go yet: from before its push is sent until it is recorded, given back, or shown by a
 * view to be somebody else's. A claim of mine that is not here is a left-over and is given back.
 *
 *   claiming ──verified──▶ running ──journaled──▶ concluded ──folded or waiting──▶ (let go)
 *      │ └─────verify failed──▶ giving-back ─────────────────────────────────────────▶ │
 *      └──not mine in a view──────────────────────────────────────────────────────────▶│
 *   lost (an earlier boot's, from the journal) ──journaled──▶ concluded
 */
export interface HeldAttempt {
  readonly id: string;
  readonly nonce: string;
  readonly attempt: number;
  phase: Phase;
  /** Why nothing of it may be recorded, once a view showed that. */
  fencedText?: string;
  /** The folder it works in, once there is one. */
  cwd?: string;
}

export type Phase =
  /** `pushedAt`: elapsed time when the claim's push ended; null while it is under way. */
  | { name: 'claiming'; pushedAt: number | null; work: ClaimedWork }
  | { name: 'running'; work: ClaimedWork; run: AttemptRun; startedAt: string }
  | { name: 'lost'; startedAt: string; started: StartedAs | null }
  | { name: 'concluded'; conclusion: Conclusion }
  | { name: 'giving-back'; why: string };

/** What was claimed and how it will be run. */
export interface ClaimedWork {
  task: Task;
  /** The task file as claimed, and its text. */
  blob: string;
  taskText: string;
  record: ClaimedRecord;
  routed: Routed;
  /** Whether another machine may run this task too: only then may it be rescued, so only then is it frozen when out of touch. */
  othersMayRun: boolean;
}

/** The attempts that this worker holds, by nonce. */
export class HeldAttempts {
  readonly #byNonce = new Map<string, HeldAttempt>();

  add(held: HeldAttempt): void {
    this.#byNonce.set(held.nonce, held);
  }

  drop(nonce: string): void {
    this.#byNonce.delete(nonce);
  }

  has(nonce: string): boolean {
    return this.#byNonce.has(nonce);
  }

  get size(): number {
    return this.#byNonce.size;
  }

  all(): HeldAttempt[] {
    return [...this.#byNonce.values()];
  }

  /** Those in one phase, with its data. */
  in<N extends Phase['name']>(name: N): { held: HeldAttempt; phase: Extract<Phase, { name: N }> }[] {
    return this.all().flatMap((held) =>
      held.phase.name === name ? [{ held, phase: held.phase as Extract<Phase, { name: N }> }] : [],
    );
  }

  ids(): Set<string> {
    return new Set(this.all().map(({ id }) => id));
  }

  /** Slots in use: a slot is free once the conclusion is journaled. */
  slotsUsed(): number {
    return this.all().filter(({ phase }) => phase.name === 'claiming' || phase.name === 'running').length;
  }
}

/** The entry of an attempt in a record's history, but for how it ended. */
export function startedEntry(work: ClaimedWork, machine: string, startedAt: string): Omit<AttemptEntry, 'outcome' | 'ended_at'> {
  const { routed, record, blob } = work;
  return {
    attempt: record.attempt,
    worker: machine,
    agent: routed.agent,
    model: routed.model,
    tier: routed.tier,
    tier_reason: routed.reason,
    started_at: startedAt,
    task: blob,
  };
}
