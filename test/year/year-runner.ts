import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Result, renderResult, resultPath } from '@errand/task';
import { prepareDirectory, type Workspace } from '@errand/workspace';
import { BESIDE_WORK, type SweepRequest } from '../../packages/worker/src/attempt.ts';
import type { ClaimedWork, HeldAttempt } from '../../packages/worker/src/held.ts';
import { type HouseReport, keepHouse } from '../../packages/worker/src/housekeeping/keep-house.ts';
import { keepResult } from '../../packages/worker/src/keep-result.ts';
import { type StartedRun, StubRunner } from '../../packages/worker/src/rig/stub-runner.ts';
import { RunLog, runLogPath } from '../../packages/worker/src/run-log.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import type { FileDates } from './date-files.ts';
import type { YearClock } from './year-clock.ts';
import type { YearPeople } from './year-people.ts';
import type { YearRepositories } from './year-repositories.ts';

const BEGINS_MS = 1_000;
const ATTEMPT_MS = 90_000;
/** What an attempt leaves: files in its folder, what it said, and what its agent wrote down. */
const FILES = 4;
const FILE_BYTES = 40_000;
const LOG_EVENTS = 100;
const FAILS_EVERY_DAYS = 5;
const ANSWER = 'Two of 214 tests fail:\n\n- `parses an empty file`: expected 0, got 1\n'.repeat(25);

export interface YearPlace {
  stateDir: string;
  clock: YearClock;
  dates: FileDates;
  people: YearPeople;
  repositories: YearRepositories;
}

/** Attempts that start no processes, and leave on the disk what real ones do; and the real housekeeping. */
export class YearRunner extends StubRunner {
  readonly #place: YearPlace;
  /** The worker that started it is dead. */
  dead = false;
  /** What goes on beside the loop. */
  beside: Promise<unknown> = Promise.resolve();

  constructor(place: YearPlace) {
    super();
    this.#place = place;
  }

  override start(held: HeldAttempt, work: ClaimedWork): void {
    super.start(held, work);
    const started = this.get(held.id);
    this.#place.clock.in(BEGINS_MS, () => this.#begin(started));
  }

  override keep(result: Result): Promise<string> {
    return keepResult(this.context.queue.dir, result);
  }

  override sweep(request: SweepRequest): Promise<HouseReport> {
    const sweeping = this.#sweep(request);
    this.beside = sweeping;
    return sweeping;
  }

  async #sweep({ nowMs, nonces, ids }: SweepRequest): Promise<HouseReport> {
    const { stateDir, clock, dates } = this.#place;
    await dates.set(nowMs);
    const { keep } = this.context.machine;
    const env = { ...process.env, XDG_RUNTIME_DIR: stateDir };
    return keepHouse({ stateDir, keep, env, nowMs, elapsedMs: clock.elapsedMs(), atWork: { nonces, ids }, ...BESIDE_WORK });
  }

  /** The first task of each day is about a repository, and delivers what it makes if it may. */
  async #begin(started: StartedRun): Promise<void> {
    const { stateDir, clock, repositories } = this.#place;
    const { id, nonce, attempt } = started.held;
    const { journal, boot } = this.context;
    const startedAt = new Date(clock.wallMs()).toISOString();
    await journal.write({ id, nonce, boot, attempt, startedAt, unit: null, conclusion: null });
    const [day, n] = readId(id);
    if (n === 0) {
      const { workspace, worktree } = await repositories.prepare(day, { stateDir, id, attempt, nonce });
      clock.in(ATTEMPT_MS, async () => {
        if (this.dead) return;
        await this.#work(started, workspace, startedAt);
        const committed = await worktree.commit({ subject: id, id, attempt });
        if (!committed.ok) throw new Error(committed.message);
        if ((await worktree.deliver()).ok) await worktree.discard();
        await this.endRun(started, 'done', answerOf(nonce));
      });
      return;
    }
    const prepared = await prepareDirectory({ stateDir, id, attempt, nonce });
    if (!prepared.ok) throw new Error(prepared.message);
    clock.in(ATTEMPT_MS, async () => {
      if (this.dead) return;
      await this.#work(started, prepared.workspace, startedAt);
      // Of each day's tasks a second is finished elsewhere meanwhile; now and then a third fails, and is tried again, for good.
      const fails = n === 2 && day % FAILS_EVERY_DAYS === 0;
      const conclusion = await this.endRun(started, fails ? 'failed' : 'done', answerOf(nonce));
      if (n === 1 && conclusion?.kind === 'result') await this.#finishElsewhere(conclusion.result);
    });
  }

  async #work({ held: { id, nonce } }: StartedRun, workspace: Workspace, startedAt: string): Promise<void> {
    const { stateDir } = this.#place;
    for (let n = 0; n < FILES; n++) await writeFile(join(workspace.cwd, `file-${n}`), Buffer.alloc(FILE_BYTES, nonce));
    const log = await RunLog.open(runLogPath(stateDir, id, nonce));
    for (let n = 0; n < LOG_EVENTS; n++)
      log.write({ type: 'output', at: startedAt, stream: 'stdout', text: `${nonce} says line ${n}\n` });
    await log.close();
    const sessions = new Sessions(join(stateDir, 'sessions'));
    const memory = { session: nonce, id, blob: nonce, agent: 'claude', cwd: workspace.cwd, worktree: null, reportedUsd: 0.01 };
    await sessions.remember(memory);
    const transcripts = join(stateDir, 'agents/claude/projects', `-work-${id}`);
    await mkdir(transcripts, { recursive: true, mode: 0o700 });
    await writeFile(join(transcripts, `${nonce}.jsonl`), Buffer.alloc(20_000, nonce));
    await workspace.remove();
  }

  #finishElsewhere(result: Result): Promise<void> {
    const elsewhere = { ...result, nonce: result.nonce.replace('R', 'S'), answer: 'Done on another machine.\n' };
    return this.#place.people.commit({ [resultPath(result.id, result.finished_at)]: renderResult(elsewhere) });
  }
}

const answerOf = (nonce: string): string => `${nonce}\n${ANSWER}`;

/** Which day's task it is, and which of that day. */
function readId(id: string): [day: number, n: number] {
  const [, day, n] = /-of-day-(\d+)-(\d+)-/.exec(id) ?? [];
  return [Number(day), Number(n)];
}
