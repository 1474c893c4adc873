import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDirectory } from '@errand/workspace';
import { BESIDE_WORK, type SweepRequest } from '../../packages/worker/src/attempt.ts';
import type { ClaimedWork, HeldAttempt } from '../../packages/worker/src/held.ts';
import { type HouseReport, keepHouse } from '../../packages/worker/src/housekeeping/keep-house.ts';
import { type StartedRun, StubRunner } from '../../packages/worker/src/rig/stub-runner.ts';
import { RunLog, runLogPath } from '../../packages/worker/src/run-log.ts';
import { Sessions } from '../../packages/worker/src/sessions.ts';
import type { FileDates } from './date-files.ts';
import type { YearClock } from './year-clock.ts';

const ATTEMPT_MS = 90_000;
/** What an attempt leaves: files in its folder, what it said, and what its agent wrote down. */
const FILES = 4;
const FILE_BYTES = 40_000;
const LOG_EVENTS = 100;
const ANSWER = 'Two of 214 tests fail:\n\n- `parses an empty file`: expected 0, got 1\n'.repeat(25);

/** Attempts that start no processes, and leave on the disk what real ones do; and the real housekeeping. */
export class YearRunner extends StubRunner {
  readonly #stateDir: string;
  readonly #clock: YearClock;
  readonly #dates: FileDates;
  /** The worker that started it is dead. */
  dead = false;
  /** What goes on beside the loop. */
  beside: Promise<unknown> = Promise.resolve();

  constructor(stateDir: string, clock: YearClock, dates: FileDates) {
    super();
    this.#stateDir = stateDir;
    this.#clock = clock;
    this.#dates = dates;
  }

  override start(held: HeldAttempt, work: ClaimedWork): void {
    super.start(held, work);
    const started = this.get(held.id);
    this.#clock.in(ATTEMPT_MS, () => this.#run(started));
  }

  override sweep(request: SweepRequest): Promise<HouseReport> {
    const sweeping = this.#sweep(request);
    this.beside = sweeping;
    return sweeping;
  }

  async #sweep({ nowMs, nonces, ids }: SweepRequest): Promise<HouseReport> {
    await this.#dates.set(nowMs);
    const { keep } = this.context.machine;
    const env = { ...process.env, XDG_RUNTIME_DIR: this.#stateDir };
    const elapsedMs = this.#clock.elapsedMs();
    return keepHouse({ stateDir: this.#stateDir, keep, env, nowMs, elapsedMs, atWork: { nonces, ids }, ...BESIDE_WORK });
  }

  async #run(started: StartedRun): Promise<void> {
    if (this.dead) return;
    const { held } = started;
    const { id, nonce, attempt } = held;
    const { journal, boot, clock } = this.context;
    const startedAt = new Date(clock.wallMs()).toISOString();
    await journal.write({ id, nonce, boot, attempt, startedAt, unit: null, conclusion: null });
    const prepared = await prepareDirectory({ stateDir: this.#stateDir, id, attempt, nonce });
    if (!prepared.ok) throw new Error(prepared.message);
    const { workspace } = prepared;
    for (let n = 0; n < FILES; n++) await writeFile(join(workspace.cwd, `file-${n}`), Buffer.alloc(FILE_BYTES, nonce));
    const log = await RunLog.open(runLogPath(this.#stateDir, id, nonce));
    for (let n = 0; n < LOG_EVENTS; n++)
      log.write({ type: 'output', at: startedAt, stream: 'stdout', text: `${nonce} says line ${n}\n` });
    await log.close();
    const sessions = new Sessions(join(this.#stateDir, 'sessions'));
    const memory = { session: nonce, id, blob: nonce, agent: 'claude', cwd: workspace.cwd, worktree: null, reportedUsd: 0.01 };
    await sessions.remember(memory);
    const transcripts = join(this.#stateDir, 'agents/claude/projects', `-work-${id}`);
    await mkdir(transcripts, { recursive: true });
    await writeFile(join(transcripts, `${nonce}.jsonl`), Buffer.alloc(20_000, nonce));
    await workspace.remove();
    // One in twenty fails for good, and is kept here as well, as what is fenced is.
    const [outcome, answer] =
      Number.parseInt(nonce.slice(-2), 10) % 20 === 0 ? ['failed', 'no'] : ['done', `${nonce}\n${ANSWER}`];
    await this.endRun(started, outcome as 'done' | 'failed', answer as string);
  }
}
