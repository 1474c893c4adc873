import type { Cause } from '@errand/planner';
import type { Conclusion, StartedAs } from '@errand/queue';
import type { AttemptEntry, Outcome, Result } from '@errand/task';
import type { AttemptRunner, SweepRequest } from '../attempt.ts';
import { conclude } from '../conclude.ts';
import { isoNow, type WorkerContext } from '../context.ts';
import { type ClaimedWork, type HeldAttempt, startedEntry } from '../held.ts';
import type { HouseReport } from '../housekeeping/keep-house.ts';
import { noProgress, type RunProgress } from '../run-progress.ts';
import type { AttemptRun, StopReason } from '../run-switches.ts';

/** The switches of an attempt that has no processes: it remembers what was asked of it. */
export class StubRun implements AttemptRun {
  frozen = false;
  progress: RunProgress = noProgress;
  confirmedAt: number | null = null;
  readonly stops: StopReason[] = [];

  stop(why: StopReason): void {
    this.stops.push(why);
  }

  async freeze(): Promise<void> {
    this.frozen = true;
  }

  async thaw(): Promise<void> {
    this.frozen = false;
  }

  confirm(viewAt: number): void {
    this.confirmedAt = viewAt;
  }
}

export interface StartedRun {
  held: HeldAttempt;
  work: ClaimedWork;
  run: StubRun;
}

/** Runs attempts that do nothing: a test says when each ends, and how. */
export class StubRunner implements AttemptRunner {
  readonly started: StartedRun[] = [];
  readonly kept: Result[] = [];
  readonly swept: SweepRequest[] = [];
  houseReport: HouseReport = { kind: 'not-due' };
  ticks = 0;
  #context: WorkerContext | null = null;

  belongTo(context: WorkerContext): void {
    this.#context = context;
  }

  get context(): WorkerContext {
    if (!this.#context) throw new Error('the runner belongs to no worker');
    return this.#context;
  }

  start(held: HeldAttempt, work: ClaimedWork): void {
    const run = new StubRun();
    held.phase = { name: 'running', work, run, startedAt: isoNow(this.context.clock) };
    this.started.push({ held, work, run });
  }

  /** The attempt of this task, which must have been started. */
  get(id: string): StartedRun {
    const started = this.started.findLast(({ held }) => held.id === id);
    if (!started) throw new Error(`${id} was not started`);
    return started;
  }

  /** Ends the last attempt of a task. */
  async end(id: string, outcome: Outcome = 'done', answer = `the answer of ${id}`): Promise<Conclusion | null> {
    return this.endRun(this.get(id), outcome, answer);
  }

  /** Ends an attempt as the real one does: decided, journaled, told. `session` is what the next one may go on with. */
  async endRun(
    { held, work }: StartedRun,
    outcome: Outcome,
    answer: string,
    { cause = { kind: 'plain' }, session }: { cause?: Cause; session?: string } = {},
  ): Promise<Conclusion | null> {
    const { id } = held;
    if (held.phase.name !== 'running') throw new Error(`${id} does not run`);
    const { machine, clock, random, journal, boot, wakeups } = this.context;
    const { startedAt } = held.phase;
    const started = startedEntry(work, machine.machine, startedAt);
    const ending = { ended_at: isoNow(clock), outcome, cause: `exit for ${outcome}` };
    const entry: AttemptEntry = { ...started, ...(session !== undefined && { session }), ...ending };
    const ended = {
      record: work.record,
      retries: work.task.retries,
      taskText: work.taskText,
      entry,
      cause,
      answer,
    };
    const conclusion = conclude(ended, random);
    if (conclusion) {
      await journal.write({ id, nonce: held.nonce, boot, attempt: held.attempt, startedAt, unit: null, conclusion });
      held.phase = { name: 'concluded', conclusion };
    } else {
      await journal.remove(held.nonce);
      this.context.held.drop(held.nonce);
    }
    wakeups.now();
    return conclusion;
  }

  /** Agents whose keys have changed. */
  readonly changed = new Set<string>();

  async refresh(agent: string): Promise<boolean> {
    return this.changed.delete(agent);
  }

  tick(): void {
    this.ticks += 1;
  }

  async keep(result: Result): Promise<string> {
    this.kept.push(result);
    return `/kept/${result.id}.md`;
  }

  async recount(_id: string, _nonce: string, { session, ...known }: StartedAs): Promise<Partial<AttemptEntry>> {
    return { ...known, ...(session !== undefined && { session }) };
  }

  async sweep(request: SweepRequest): Promise<HouseReport> {
    this.swept.push(request);
    return this.houseReport;
  }
}
