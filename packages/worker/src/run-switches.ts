import { setTimeout } from 'node:timers/promises';
import type { AgentEvent } from '@errand/agents';
import type { RunningAttempt } from '@errand/workspace';
import { OutOfTouch } from './out-of-touch.ts';
import { advance, noProgress, type RunProgress } from './run-progress.ts';

export type StopReason = 'cancelled' | 'fenced' | 'shutdown';

/** A running attempt, as the duties see it. */
export interface AttemptRun {
  readonly frozen: boolean;
  readonly progress: RunProgress;
  /** Ends it whole; the first reason wins. `graceMs`: from TERM to KILL, when it is not the machine's. */
  stop(why: StopReason, graceMs?: number): void;
  freeze(why: string): Promise<void>;
  thaw(): Promise<void>;
  /** A view that was read at `viewAt` (elapsed) shows the claim to be mine still. */
  confirm(viewAt: number): void;
}

/** The switches of an attempt whose processes may not exist yet: what is asked before is done as soon as they do. */
export class RunSwitches implements AttemptRun {
  #run: RunningAttempt | null = null;
  #stop: { why: StopReason; graceMs?: number } | null = null;
  #frozen = false;
  #progress = noProgress;
  readonly #ending = new AbortController();
  #asked: { at: number; answer: (mine: boolean) => void } | null = null;
  readonly outOfTouch: OutOfTouch;

  /** `startedAt`: elapsed time of the view that showed its claim to be good. */
  constructor(startedAt: number) {
    this.outOfTouch = new OutOfTouch(startedAt);
  }

  /** Why it was asked to end, or null. */
  get stopped(): StopReason | null {
    return this.#stop?.why ?? null;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  get progress(): RunProgress {
    return this.#progress;
  }

  /** Aborted when it is asked to end. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  connect(run: RunningAttempt): void {
    this.#run = run;
    if (this.#stop) run.stop(this.#stop.why, this.#stop.graceMs);
    else if (this.#frozen) void run.freeze('the worker is out of touch');
  }

  /** What the run itself tells: how far it is, and that the guard, which does not ask, has frozen it. */
  note(event: AgentEvent): void {
    this.#progress = advance(this.#progress, event);
    if (event.type === 'frozen') this.#frozen = true;
    else if (event.type === 'thawed') this.#frozen = false;
  }

  stop(why: StopReason, graceMs?: number): void {
    this.#stop ??= { why, ...(graceMs !== undefined && { graceMs }) };
    this.#run?.stop(why, graceMs);
    this.#answer(false);
    this.#ending.abort();
  }

  /** True when a view read after `now` (elapsed) shows the claim to be mine still; false when it is to end. */
  confirmed(now: number): Promise<boolean> {
    if (this.#stop) return Promise.resolve(false);
    return new Promise((answer) => {
      this.#asked = { at: now, answer };
    });
  }

  confirm(viewAt: number): void {
    this.outOfTouch.seen(viewAt);
    if (this.#asked !== null && viewAt >= this.#asked.at) this.#answer(true);
  }

  /** True as soon as it is asked to end, false when `ms` have passed without. */
  async stoppedWithin(ms: number): Promise<boolean> {
    return setTimeout(ms, false, { signal: this.signal }).catch(() => true);
  }

  #answer(mine: boolean): void {
    this.#asked?.answer(mine);
    this.#asked = null;
  }

  async freeze(why: string): Promise<void> {
    this.#frozen = true;
    await this.#run?.freeze(why);
  }

  async thaw(): Promise<void> {
    this.#frozen = false;
    await this.#run?.thaw('the worker is in touch again, and the task is still its own');
  }
}
