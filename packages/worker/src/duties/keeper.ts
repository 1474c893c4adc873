import type { View } from '@errand/planner';
import { type Conclusion, readTaskText } from '@errand/queue';
import type { AttemptEntry, ClaimedRecord, Result } from '@errand/task';
import { conclude } from '../conclude.ts';
import { isoNow, type WorkerContext } from '../context.ts';
import type { ClaimedWork, HeldAttempt } from '../held.ts';
import { readRecorded } from '../recorded.ts';
import type { Duty } from './duty.ts';

/** How soon to look again for a sign that this worker is in touch. */
const OUT_OF_TOUCH_LOOK_MS = 1_000;

/**
 * Holds every attempt of this worker against the view: verifies claims and starts them, ends what is no longer ours,
 * lets go of what is recorded, and gives back claims of mine that nobody holds.
 */
export class Keeper implements Duty {
  readonly name = 'keep';
  readonly #worker: WorkerContext;
  /** Nonces of finished attempts whose record was gone in the last view, and no result there. */
  readonly #seenGone = new Set<string>();

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(view: View): Promise<void> {
    for (const held of this.#worker.held.all()) {
      // One that cannot be dealt with (its files are not writable, say) must not keep the others.
      await this.#inspect(view, held).catch((error: unknown) => {
        const text = `${held.id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
        this.#worker.emit({ type: 'trouble', duty: this.name, text });
      });
    }
    this.#adoptLeftovers(view);
  }

  async #inspect(view: View, held: HeldAttempt): Promise<void> {
    const { phase } = held;
    const { starter } = this.#worker;
    const record = view.records.get(held.id);
    const mine = record?.value.nonce === held.nonce;
    switch (phase.name) {
      case 'claiming':
        if (phase.pushedAt === null || view.at < phase.pushedAt) return;
        if (!mine) return this.#worker.held.drop(held.nonce);
        return this.#verify(view, held, phase.work);
      case 'running':
        if (!view.tasks.has(held.id)) return phase.run.stop('cancelled');
        if (!mine || view.results.has(held.id)) {
          held.fencedText ??= await this.#explainFence(view, held.id);
          return phase.run.stop('fenced');
        }
        phase.run.confirm(view.at);
        if (phase.run.frozen && this.#inTouch(view)) {
          starter.tick();
          await phase.run.thaw();
          this.#worker.emit({ type: 'thawed', id: held.id });
        }
        return;
      case 'lost':
        if (!mine) return this.#forget(view, held);
        // A rescuer that gave up has parked a failed result under my nonce: people hear of it from here, once it is recorded.
        if (record.value.state !== 'claimed') return;
        return this.#concludeLost(view, held, record.value, phase);
      case 'concluded':
        if (!mine) return this.#forget(view, held);
        this.#seenGone.delete(held.nonce);
        if (record.value.state === 'parked' && phase.conclusion.kind === 'waiting') return;
        return this.#reconsider(view, held, phase.conclusion);
      case 'giving-back':
        if (!mine) return this.#forget(view, held);
        return;
    }
  }

  async #explainFence(view: View, id: string): Promise<string> {
    const recorded = await readRecorded(this.#worker, view, id);
    return fencedText(id, view, recorded.kind === 'result' ? (recorded.head?.attempts.at(-1)?.worker ?? null) : null);
  }

  /** A beat that was accepted after this view was fetched says nothing for it: the view may be from before a sleep. */
  #inTouch(view: View): boolean {
    const { spent, lease } = this.#worker.heartbeat;
    return spent < 1 / 2 && view.at >= lease.sinceMs;
  }

  /** Starts a claim that a view, read after the push was accepted, shows to be good; else it is given back. */
  #verify(view: View, held: HeldAttempt, work: ClaimedWork): void {
    const { starter, emit, claiming, wakeups, clock } = this.#worker;
    const why = claiming ? this.#whyNot(view, held, work) : 'the worker is stopping';
    if (why !== null) {
      held.phase = { name: 'giving-back', why };
      return;
    }
    // A view that took minutes, or a sleep since it was fetched, shows what was: the one after the next accepted beat is believed.
    if (!this.#inTouch(view)) {
      wakeups.by(clock.elapsedMs() + OUT_OF_TOUCH_LOOK_MS);
      return;
    }
    // The claim that is verified is the sign of touch: the guard must not take its unit for one of a silent worker.
    starter.tick();
    emit({ type: 'verified', id: held.id, attempt: held.attempt });
    starter.start(held, work);
  }

  #whyNot(view: View, held: HeldAttempt, work: ClaimedWork): string | null {
    const beat = view.workers.get(this.#worker.machine.machine)?.value;
    if (beat?.boot !== this.#worker.boot || !beat.runs.some(({ nonce }) => nonce === held.nonce))
      return 'no heartbeat of mine lists it';
    const task = view.tasks.get(held.id);
    if (!task) return 'its task was removed';
    if (view.results.has(held.id)) return 'it has a result already';
    if (task.blob !== work.blob) return 'its task was edited';
    if (this.#worker.movedBack.has(held.id)) return 'the branch was moved back';
    return null;
  }

  async #concludeLost(
    view: View,
    held: HeldAttempt,
    record: ClaimedRecord,
    { startedAt, started }: Extract<HeldAttempt['phase'], { name: 'lost' }>,
  ): Promise<void> {
    const { machine, clock, random, journal, queue, boot, emit, starter } = this.#worker;
    const parsed = view.tasks.get(held.id)?.parsed;
    const cause = `the worker on ${machine.machine} ended while it ran`;
    const agent = parsed?.ok && parsed.value.agent !== 'auto' ? parsed.value.agent : (this.#worker.defaultAgent ?? 'command');
    const taskText = await readTaskText(queue.port, record.task);
    if (taskText === null) return;
    const known = started === null ? {} : await starter.recount(held.id, held.nonce, started);
    const conclusion = conclude(
      {
        record,
        retries: parsed?.ok ? parsed.value.retries : Number.POSITIVE_INFINITY,
        taskText,
        entry: {
          attempt: record.attempt,
          worker: machine.machine,
          agent,
          ...(record.tier && { tier: record.tier }),
          ...known,
          started_at: startedAt,
          ended_at: isoNow(clock),
          outcome: view.tasks.has(held.id) ? 'lost' : 'cancelled',
          cause,
          task: record.task,
        },
        cause: { kind: 'plain' },
        answer: '',
      },
      random,
    );
    if (!conclusion) return;
    await journal.write({ id: held.id, nonce: held.nonce, boot, attempt: held.attempt, startedAt, unit: null, conclusion });
    held.phase = { name: 'concluded', conclusion };
    emit({ type: 'ended', id: held.id, attempt: held.attempt, outcome: 'lost', cause });
  }

  /** A failure says nothing about a task that was edited while it ran: its new version is tried from the beginning. */
  async #reconsider(view: View, held: HeldAttempt, conclusion: Conclusion): Promise<void> {
    if (conclusion.kind === 'waiting') return this.#reconsiderRetry(view, held, conclusion.attempts);
    if (!isOutdatedFailure(view, conclusion.result)) return;
    const { attempts } = conclusion.result;
    await this.#concludeAnew(held, { kind: 'waiting', attempts, reason: 'the task was edited while it ran' }, attempts);
  }

  /** A task that was removed meanwhile is not tried again: what there was of it is recorded as cancelled. */
  async #reconsiderRetry(view: View, held: HeldAttempt, attempts: AttemptEntry[]): Promise<void> {
    const record = view.records.get(held.id)?.value;
    if (view.tasks.has(held.id) || view.results.has(held.id) || record?.state !== 'claimed') return;
    const { queue, clock } = this.#worker;
    const taskText = await readTaskText(queue.port, record.task);
    if (taskText === null) return;
    const { id, nonce, task } = record;
    const head = { schema: 1 as const, id, nonce, task, attempts, state: 'cancelled' as const, finished_at: isoNow(clock) };
    await this.#concludeAnew(held, { kind: 'result', result: { ...head, answer: '', taskText } }, attempts);
  }

  async #concludeAnew(held: HeldAttempt, conclusion: Conclusion, attempts: readonly AttemptEntry[]): Promise<void> {
    const { journal, boot, clock } = this.#worker;
    const startedAt = attempts.at(-1)?.started_at ?? isoNow(clock);
    await journal.write({ id: held.id, nonce: held.nonce, boot, attempt: held.attempt, startedAt, unit: null, conclusion });
    held.phase = { name: 'concluded', conclusion };
  }

  /** An attempt whose record is gone: recorded by somebody, if only as given up by a rescuer; or fenced, where it had something to say. */
  async #forget(view: View, held: HeldAttempt): Promise<void> {
    const { emit, starter, notifier } = this.#worker;
    const recorded = await readRecorded(this.#worker, view, held.id);
    if (recorded.kind === 'unknown') return;
    const head = recorded.kind === 'result' ? recorded.head : null;
    const concluded = held.phase.name === 'concluded' ? held.phase.conclusion : null;
    // One view can show the branch of a moment before it was recorded, and the refs of one after.
    if (recorded.kind === 'none' && concluded?.kind === 'result' && !this.#seenGone.has(held.nonce)) {
      this.#seenGone.add(held.nonce);
      return this.#worker.wakeups.now();
    }
    if (head?.nonce === held.nonce) {
      // As it is recorded: an answer that the server refused to store is not told either.
      const told = recorded.kind === 'result' ? recorded.whole() : null;
      if (told) await notifier.finished(told);
      emit({ type: 'recorded', id: held.id, state: head.state, byMe: false });
    } else if (concluded?.kind === 'waiting' && this.#waitsForRetry(view, held)) {
      emit({ type: 'retrying', id: held.id, reason: concluded.reason });
    } else if (concluded) {
      const keptAt = concluded.kind === 'result' ? await starter.keep(concluded.result) : null;
      emit({ type: 'fenced', id: held.id, keptAt, text: fencedText(held.id, view, head?.attempts.at(-1)?.worker ?? null) });
    }
    return this.#letGo(held);
  }

  /** The record's push had no answer, and was applied: it tells of this attempt. */
  #waitsForRetry(view: View, held: HeldAttempt): boolean {
    const record = view.records.get(held.id)?.value;
    const mine = this.#worker.machine.machine;
    return (
      record?.state === 'waiting' && record.attempts.some(({ attempt, worker }) => attempt === held.attempt && worker === mine)
    );
  }

  async #letGo({ nonce }: HeldAttempt): Promise<void> {
    const { journal, held } = this.#worker;
    await journal.remove(nonce);
    held.drop(nonce);
    this.#seenGone.delete(nonce);
  }

  /** Claims of this boot, and, once a heartbeat of this boot was accepted, of earlier boots of this state directory, that nobody holds. */
  #adoptLeftovers(view: View): void {
    const { held, memory, heartbeat, boot, machine } = this.#worker;
    for (const [id, { value: record }] of view.records) {
      if (record.state !== 'claimed' || record.worker !== machine.machine || held.has(record.nonce)) continue;
      if (record.boot !== boot && !(heartbeat.accepted && memory.isMyBoot(record.boot))) continue;
      held.add({
        id,
        nonce: record.nonce,
        attempt: record.attempt,
        phase: { name: 'giving-back', why: 'left over by this worker' },
      });
    }
  }
}

/** A failure of a task whose file has changed since, while its claim is still there to be given back. */
export function isOutdatedFailure(view: View, { id, state, task }: Result): boolean {
  const file = view.tasks.get(id);
  return state === 'failed' && file !== undefined && file.blob !== task && view.records.get(id)?.value.state === 'claimed';
}

function fencedText(id: string, view: View, recordedBy: string | null): string {
  const record = view.records.get(id)?.value;
  const now = view.results.has(id)
    ? `${recordedBy ?? 'another worker'} has recorded a result for it`
    : record?.state === 'claimed'
      ? `${record.worker} runs it now`
      : 'it was given to the queue again';
  return `nothing is recorded for ${id}: while this worker was out of touch its claim was taken away, and ${now}`;
}
