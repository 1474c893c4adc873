import type { AgentEvent } from '@errand/agents';
import type { RunningAttempt } from '@errand/workspace';

export type StopReason = 'cancelled' | 'fenced' | 'shutdown';

/** A running attempt, as the duties see it. */
export interface AttemptRun {
  readonly frozen: boolean;
  /** Ends it whole; the first reason wins. `graceMs`: from TERM to KILL, when it is not the machine's. */
  stop(why: StopReason, graceMs?: number): void;
  freeze(why: string): Promise<void>;
  thaw(): Promise<void>;
}

/** The switches of an attempt whose processes may not exist yet: what is asked before is done as soon as they do. */
export class RunSwitches implements AttemptRun {
  #run: RunningAttempt | null = null;
  #stop: { why: StopReason; graceMs?: number } | null = null;
  #frozen = false;

  get frozen(): boolean {
    return this.#frozen;
  }

  connect(run: RunningAttempt): void {
    this.#run = run;
    if (this.#stop) run.stop(this.#stop.why, this.#stop.graceMs);
    else if (this.#frozen) void run.freeze('the worker is out of touch');
  }

  /** What the run itself tells: the guard freezes it without asking. */
  note(event: AgentEvent): void {
    if (event.type === 'frozen') this.#frozen = true;
    else if (event.type === 'thawed') this.#frozen = false;
  }

  stop(why: StopReason, graceMs?: number): void {
    this.#stop ??= { why, ...(graceMs !== undefined && { graceMs }) };
    this.#run?.stop(why, graceMs);
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
