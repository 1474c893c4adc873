import type { Agent, AgentEnd } from '@errand/agents';
import type { Conclusion, StartedAs } from '@errand/queue';
import type { AttemptEntry, Result } from '@errand/task';
import { type Containment, type Guard, machineClock, type UnitRef } from '@errand/workspace';
import { conclude } from './conclude.ts';
import { isoNow, type WorkerContext } from './context.ts';
import { executeAttempt } from './execute.ts';
import { type ClaimedWork, type HeldAttempt, startedEntry } from './held.ts';
import { type HouseReport, keepHouse, type WeightMemory } from './housekeeping/keep-house.ts';
import { keepResult } from './keep-result.ts';
import { recountLost } from './recount-lost.ts';
import { runLogPath } from './run-log.ts';
import { RunSwitches } from './run-switches.ts';

const JOURNAL_PAUSE_MS = 5_000;
/** How a worker sweeps, beside its work: not all of it at once, and not what another has done. */
export const BESIDE_WORK = { onlyIfDue: true, most: 1_000 };

/** What attempts need of this machine. */
export interface AttemptPlace {
  stateDir: string;
  containment: Containment;
  guard: Guard;
  /** The agents that this machine can run, by name. */
  agents: ReadonlyMap<string, Agent>;
  /** Reads the secrets of an agent's environment again; true where one has changed. Never rejects. */
  refresh(agent: string): Promise<boolean>;
  /** What git gets that talks to tasks' repositories, and in whose name it commits there. */
  env: NodeJS.ProcessEnv;
  identity: { name: string; email: string };
}

/** What this worker holds, so that nothing of it goes; the clock is the wall's. */
export interface SweepRequest {
  nowMs: number;
  nonces: ReadonlySet<string>;
  ids: ReadonlySet<string>;
}

/** What the duties ask of whoever runs attempts on this machine. */
export interface AttemptRunner {
  /** Begins a verified claim; returns at once. */
  start(held: HeldAttempt, work: ClaimedWork): void;
  /** Tells the guard how long ago this worker was in touch with the queue. */
  tick(): void;
  /** Reads the secrets of an agent's environment again; true where one has changed. Never rejects. */
  refresh(agent: string): Promise<boolean>;
  /** Keeps on this machine what may not be recorded, and says where. */
  keep(result: Result): Promise<string>;
  /** What is known of an attempt that died with its worker: what it was started as, and by its log what it cost. */
  recount(id: string, nonce: string, started: StartedAs): Promise<Partial<AttemptEntry>>;
  /** One round of housekeeping on this machine. Never rejects. */
  sweep(request: SweepRequest): Promise<HouseReport>;
}

/** Runs attempts, from a verified claim to a conclusion in the journal; the duties tell it to the queue. */
export class AttemptStarter implements AttemptRunner {
  readonly #place: AttemptPlace;
  readonly #busy = new Set<string>();
  readonly #weights: WeightMemory = new Map();
  readonly #journaling = new Map<string, Promise<void>>();
  #context: WorkerContext | null = null;

  constructor(place: AttemptPlace) {
    this.#place = place;
  }

  /** The worker and its starter know each other; this closes the circle. */
  belongTo(worker: WorkerContext): void {
    this.#context = worker;
  }

  start(held: HeldAttempt, work: ClaimedWork): void {
    const switches = new RunSwitches(this.#worker.clock.elapsedMs());
    held.phase = { name: 'running', work, run: switches, startedAt: isoNow(this.#worker.clock) };
    void this.#run(held, work, held.phase.startedAt, switches);
  }

  tick(): void {
    const { clock, heartbeat } = this.#worker;
    const { sinceMs, ttlMs } = heartbeat.lease;
    if (Number.isFinite(sinceMs)) this.#place.guard.tick(Math.max(0, clock.elapsedMs() - sinceMs), ttlMs);
  }

  refresh(agent: string): Promise<boolean> {
    return this.#place.refresh(agent);
  }

  keep(result: Result): Promise<string> {
    return keepResult(this.#worker.queue.dir, result);
  }

  recount(id: string, nonce: string, started: StartedAs): Promise<Partial<AttemptEntry>> {
    return recountLost(runLogPath(this.#place.stateDir, id, nonce), started);
  }

  sweep({ nowMs, nonces, ids }: SweepRequest): Promise<HouseReport> {
    const { stateDir, env } = this.#place;
    const { keep } = this.#worker.machine;
    const atWork = { nonces, ids, cwds: this.#busy };
    const elapsedMs = machineClock.elapsedMs();
    return keepHouse({ stateDir, keep, env, nowMs, elapsedMs, atWork, weights: this.#weights, ...BESIDE_WORK });
  }

  get #worker(): WorkerContext {
    if (!this.#context) throw new Error('the starter belongs to no worker');
    return this.#context;
  }

  async #run(held: HeldAttempt, work: ClaimedWork, startedAt: string, switches: RunSwitches): Promise<void> {
    const { clock, machine, emit, random, wakeups } = this.#worker;
    // An error of our own after the agent ran is not "it never started": it counts, or the same error would come round for ever.
    const end = await executeAttempt({
      worker: this.#worker,
      machine: this.#place,
      held,
      work,
      switches,
      busy: this.#busy,
      journal: (unit, started) => this.#journal(held, startedAt, unit, started, null),
    }).catch(ownError);
    const outcome = end.giveBack ? 'stopped' : end.outcome;
    const causes = [end.cause, switches.outOfTouch.describe(outcome, clock, machine.lease.ttlMs)].filter((text) => text != null);
    const cause = causes.length === 0 ? {} : { cause: causes.join('; ') };
    const { task, ...started } = startedEntry(work, machine.machine, startedAt);
    const entry: AttemptEntry = {
      ...started,
      ended_at: isoNow(clock),
      outcome,
      ...cause,
      ...(end.exitCode !== undefined && { exit_code: end.exitCode }),
      ...end.entry,
      task,
    };
    emit({ type: 'ended', id: held.id, attempt: held.attempt, outcome, ...cause });
    const { answer } = end;
    const { retries } = work.task;
    const { taskText } = work;
    const conclusion = conclude(
      { record: work.record, retries, taskText, entry, cause: end.evidence ?? { kind: 'plain' }, answer },
      random,
    );
    await this.#notePause(entry, conclusion);
    if (conclusion) {
      await this.#journal(held, startedAt, null, null, conclusion);
      held.phase = { name: 'concluded', conclusion };
    } else await this.#drop(held, fencedResult(held, work, entry, answer));
    wakeups.now();
  }

  /** A limit or a missing login is this machine's: the agent takes nothing here until then, or until an attempt shows that it works. */
  async #notePause(
    { agent, outcome, cause = outcome, started_at: startedAt = '' }: AttemptEntry,
    conclusion: Conclusion | null,
  ): Promise<void> {
    const { pauses, clock, emit, heartbeat } = this.#worker;
    const until = conclusion?.kind === 'waiting' ? conclusion.next?.retry_at : undefined;
    if ((outcome === 'rate-limited' || outcome === 'auth') && until !== undefined) {
      const about = outcome === 'auth' ? 'login' : 'limit';
      const isNew = await pauses.set(agent, { about, untilMs: Date.parse(until), reason: cause }, clock.wallMs());
      emit({ type: 'paused', agent, about, until, reason: cause, again: !isNew });
      heartbeat.noteNews();
    } else if (outcome === 'done' && (await pauses.clear(agent, Date.parse(startedAt)))) heartbeat.noteNews();
  }

  /** Nothing may be recorded: what there was is kept here, as far as the disk allows. */
  async #drop(held: HeldAttempt, result: Result): Promise<void> {
    const { emit, journal } = this.#worker;
    const keptAt = await this.keep(result).catch(() => null);
    emit({ type: 'fenced', id: held.id, keptAt, text: whyFenced(held) });
    await this.#insist(held.id, () => journal.remove(held.nonce));
    this.#worker.held.drop(held.nonce);
  }

  /** A disk that is full loses nothing: the attempt keeps its slot until what it came to is written down. */
  async #insist(id: string, write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        const text = `cannot write the journal of ${id}: ${(error as Error).message}; trying again until it works`;
        this.#worker.emit({ type: 'trouble', duty: 'journal', text });
        await new Promise((resolve) => setTimeout(resolve, JOURNAL_PAUSE_MS));
      }
    }
  }

  /** One write after the other, so that a unit never overwrites a conclusion. */
  async #journal(
    held: HeldAttempt,
    startedAt: string,
    unit: UnitRef | null,
    started: StartedAs | null,
    conclusion: Conclusion | null,
  ): Promise<void> {
    const { journal, boot, emit } = this.#worker;
    const { id, nonce, attempt } = held;
    const before = this.#journaling.get(nonce) ?? Promise.resolve();
    const write = before.then(() =>
      this.#insist(id, () =>
        journal.write({ id, nonce, boot, attempt, startedAt, ...(started && { started }), unit, conclusion }),
      ),
    );
    this.#journaling.set(nonce, write);
    await write;
    if (this.#journaling.get(nonce) === write) this.#journaling.delete(nonce);
    if (conclusion) emit({ type: 'journaled', id, attempt });
  }
}

function ownError(error: unknown): AgentEnd {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { outcome: 'failed', cause: 'an error of the worker itself', answer: text };
}

const whyFenced = ({ id, fencedText }: HeldAttempt): string =>
  fencedText ?? `nothing is recorded for ${id}: it was finished or taken over elsewhere`;

function fencedResult(held: HeldAttempt, work: ClaimedWork, entry: AttemptEntry, answer: string): Result {
  const { id, nonce, attempts } = work.record;
  const state = 'cancelled';
  const folder = held.cwd === undefined ? '' : `; what it made is in ${held.cwd}`;
  return {
    schema: 1,
    id,
    state,
    task: work.blob,
    nonce,
    finished_at: entry.ended_at,
    attempts: [...attempts, { ...entry, cause: `${whyFenced(held)}${folder}` }],
    answer,
    taskText: work.taskText,
  };
}
