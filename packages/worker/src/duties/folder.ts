import { foldTurn, type Held, planSweep, type View, workerState } from '@errand/planner';
import { branchRef, buildFold, type Fold, type FoldItem, parkResult, type RefUpdate, readParked } from '@errand/queue';
import type { ParkedRecord, Result } from '@errand/task';
import type { WorkerContext } from '../context.ts';
import type { HeldAttempt } from '../held.ts';
import { describeRefused, Refusals } from '../refusals.ts';
import { isRecorded, tellFolded, tellPeople, Unanswered } from '../tell-recorded.ts';
import { withholdAnswer, withholdText } from '../withhold.ts';
import type { Duty } from './duty.ts';
import { isOutdatedFailure } from './keeper.ts';

/** Between two folds of the queue, whoever makes them, so that people's pushes get through. */
const GAP_MS = 1_000;
/** Of a minute with a push budget, the part that lies between as many folds as the budget has pushes. */
const GAP_WITH_BUDGET_MS = 30_000;
/** How much longer each turn after the first waits: a share of the gap, or so many times what a look takes here, if that is longer. */
const TURN_SHARE = 0.5;
const TURN_LOOKS = 2;
type Ready = { held: HeldAttempt; result: Result };

/** Folds without an answer, while other pushes have one, after which that counts as a refusal (a size limit in front of git). */
const STRANGE_FOLDS = 3;
/** No limit of size is smaller. What has so few characters and no answer met a server that is busy or away, and is sent as it is. */
const SMALL_CHARS = 64 * 1024;

/**
 * Records results: everything that is finished, here or parked by anyone, in one commit. While the branch is contended a
 * result is parked in its own record, where nobody contends, and whoever folds next takes it along.
 */
export class Folder implements Duty {
  readonly name = 'fold';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  #lastFoldAt = Number.NEGATIVE_INFINITY;
  #tip: string | null = null;
  #tipSeenAt = Number.NEGATIVE_INFINITY;
  #lostRaces = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  readonly #refusals: Refusals;
  readonly #unanswered: Unanswered;
  #strangeFolds = 0;
  #answeredBefore = 0;
  /** Nonces whose park the server declined. */
  readonly #unparkable = new Set<string>();

  constructor(worker: WorkerContext) {
    this.#worker = worker;
    this.#refusals = new Refusals(worker.clock);
    this.#unanswered = new Unanswered(worker);
  }

  get #gapMs(): number {
    const { perMinute } = this.#worker.budget;
    return perMinute === null ? GAP_MS : Math.max(GAP_MS, GAP_WITH_BUDGET_MS / perMinute);
  }

  /** Somebody's fold was seen. */
  noticeFold(at: number): void {
    this.#lastFoldAt = Math.max(this.#lastFoldAt, at);
  }

  async tend(view: View): Promise<void> {
    const { clock, wakeups, observations, held } = this.#worker;
    await this.#unanswered.settle(view);
    const ready = this.#ready(view);
    const { foldable } = planSweep(view, observations, held.ids());
    if (ready.length === 0 && foldable.length === 0) return;
    this.#noticeTip(view);
    const turn = foldTurn(view, observations, this.#worker.machine.machine, ready.length > 0);
    const turnMs = turn * Math.max(this.#gapMs * TURN_SHARE, TURN_LOOKS * (clock.elapsedMs() - view.at));
    const dueAt = Math.max(this.#lastFoldAt + this.#gapMs, this.#tipSeenAt + turnMs, this.#notBefore, this.#refusals.closedUntil);
    if (clock.elapsedMs() < dueAt) {
      if (this.#parks(view)) await this.#park(view, ready);
      wakeups.by(dueAt);
      return;
    }
    await this.#fold(view, ready);
  }

  /** Turns are counted anew from each tip, whoever moved it: a first one has a new chance, and the later ones have none yet. */
  #noticeTip({ tip, at }: View): void {
    if (tip === this.#tip) return;
    this.#tip = tip;
    this.#tipSeenAt = at;
  }

  #ready(view: View): Ready[] {
    return this.#worker.held.in('concluded').flatMap(({ held, phase }) => {
      if (phase.conclusion.kind !== 'result' || view.records.get(held.id)?.value.nonce !== held.nonce) return [];
      // The keeper makes it wait for another try.
      if (isOutdatedFailure(view, phase.conclusion.result)) return [];
      return [{ held, result: phase.conclusion.result }];
    });
  }

  async #fold(view: View, ready: readonly Ready[]): Promise<void> {
    const { queue, pusher, clock, wakeups, newNonce } = this.#worker;
    const items = await this.#collect(view, ready);
    if (items.length === 0) return;
    const fold = await buildFold(queue.port, view, queue.branch, items, newNonce);
    const outcome = await pusher.push('fold', fold.updates, { atomic: true });
    if (outcome.cause) this.#unanswered.note(items.flatMap((item) => ('result' in item ? [item.result] : [])));
    const [declined] = [...outcome.refs.values()].flatMap((pushed) => (pushed.state === 'declined' ? [pushed] : []));
    if (outcome.ok) {
      this.#lastFoldAt = clock.elapsedMs();
      this.#lostRaces = 0;
      this.#strangeFolds = 0;
      this.#refusals.noticeSuccess();
      await this.#remember(fold);
      const results = new Map(items.flatMap((item) => ('result' in item ? [[item.result.nonce, item.result]] : [])));
      for (const item of fold.items) {
        const result = results.get(item.nonce);
        if (result && isRecorded(item.becomes)) await tellPeople(this.#worker, view, { ...result, state: item.becomes });
        await tellFolded(this.#worker, view, item);
        this.#unanswered.forget(item.nonce);
      }
      await this.#letGo(fold.items.map(({ nonce }) => nonce));
    } else if (declined) {
      this.#refuse(items, declined.reason);
    } else if (outcome.cause && this.#isStrange(items)) {
      this.#refuse(items, outcome.cause.message);
    } else {
      this.#lostRaces = Math.min(this.#lostRaces + 1, 4);
      if (this.#parks(view)) await this.#park(view, ready);
      this.#notBefore = clock.elapsedMs() + this.#worker.random() * 25 * 2 ** this.#lostRaces;
    }
    wakeups.now();
  }

  /** The worker may stop before a view shows what it recorded; moved back after that, the branch must not run it again. */
  async #remember({ updates, items }: Fold): Promise<void> {
    const { ledger, queue, emit } = this.#worker;
    const tip = updates.find(({ ref }) => ref === branchRef(queue.branch))?.to;
    if (!tip) return;
    const ids = items.flatMap(({ id, becomes }) => (isRecorded(becomes) ? [id] : []));
    const { problem } = await ledger.noteFold(tip, ids);
    if (problem) emit({ type: 'trouble', duty: this.name, text: problem });
  }

  /** A fold of something large had no answer; true when that has happened again and again while other pushes were answered. */
  #isStrange(items: readonly FoldItem[]): boolean {
    const { answered } = this.#worker.pusher;
    const characters = items.reduce((sum, item) => sum + ('text' in item ? item.text : item.result.answer).length, 0);
    if (characters < SMALL_CHARS) return false;
    if (answered > this.#answeredBefore) this.#strangeFolds++;
    this.#answeredBefore = answered;
    if (this.#strangeFolds < STRANGE_FOLDS) return false;
    this.#strangeFolds = 0;
    return true;
  }

  /** Mine and every parked result in view, as far as one push takes them and the server is not known to refuse their company. */
  async #collect(view: View, ready: readonly Ready[]): Promise<FoldItem[]> {
    const { queue, refsPerPush } = this.#worker;
    const mine = new Map(ready.map((one) => [one.held.nonce, one]));
    this.#forgetGone(view);
    const records = [...view.records.values()].filter(({ value }) => value.state === 'parked' || mine.has(value.nonce));
    const items: FoldItem[] = [];
    for (const { oid, value: record } of this.#refusals.choose(records, refsPerPush)) {
      if (record.state === 'waiting') continue;
      const one = mine.get(record.nonce);
      if (one) items.push({ record: { oid, value: record }, result: await this.#asAccepted(one.result) });
      else if (record.state === 'parked' && this.#isSure(view, record)) {
        const parked = await readParked(queue.port, { oid, value: record });
        if (parked?.result) items.push({ record: { oid, value: record }, result: await this.#asAccepted(parked.result) });
        else if (parked) items.push(await this.#asAcceptedText({ oid, value: record }, parked.text));
      }
    }
    return items;
  }

  /**
   * What adds nothing to the branch has no lease on its tip, and one view can show the branch of an earlier moment than the record: with a
   * result that was taken away for a retry, or the file of a task that was removed. In a second view with this record it is newer.
   */
  #isSure(view: View, { id, result_state }: ParkedRecord): boolean {
    const addsNothing = view.results.has(id) || (result_state === 'cancelled' && view.tasks.has(id));
    return !addsNothing || (this.#worker.observations.records.get(id)?.views ?? 0) > 1;
  }

  #forgetGone(view: View): void {
    const nonces = new Set([...view.records.values()].map(({ value }) => value.nonce));
    this.#refusals.keepOnly(nonces);
    for (const nonce of this.#unparkable) if (!nonces.has(nonce)) this.#unparkable.delete(nonce);
  }

  #refuse(items: readonly FoldItem[], reason: string): void {
    const ids = items.map(({ record }) => record.value.id);
    const nexts = items.map(({ record }) => this.#refusals.refuse(record.value.nonce, items.length > 1));
    const [next] = nexts;
    if (next?.form === 'put-off') this.#worker.wakeups.by(next.until);
    if (!next || !nexts.some(({ tell }) => tell)) return;
    const text = `the server refused ${describeRefused(next.form, ids, reason)}; nothing is lost`;
    this.#worker.emit({ type: 'refused', ids, text });
  }

  async #asAccepted(result: Result): Promise<Result> {
    return this.#refusals.isWithheld(result.nonce) ? withholdAnswer(this.#worker, result) : result;
  }

  async #asAcceptedText(record: Held<ParkedRecord>, text: string): Promise<FoldItem> {
    return this.#refusals.isWithheld(record.value.nonce)
      ? { record, result: await withholdText(this.#worker, record.value, text) }
      : { record, text };
  }

  /** Needs no push of its own: a claim that is made in the same round takes it along. */
  async #park(view: View, ready: readonly Ready[]): Promise<void> {
    const { queue, pusher, emit, refsPerPush } = this.#worker;
    const parked: { id: string; nonce: string; updates: readonly RefUpdate[] }[] = [];
    for (const { held, result } of ready) {
      const record = view.records.get(held.id);
      if (record?.value.state !== 'claimed' || record.value.nonce !== held.nonce) continue;
      if (this.#unparkable.has(held.nonce) || parked.length === refsPerPush) continue;
      parked.push({
        id: held.id,
        nonce: held.nonce,
        ...(await parkResult(queue.port, { oid: record.oid, value: record.value }, result)),
      });
    }
    if (parked.length === 0) return;
    pusher.along({
      purpose: 'park',
      updates: parked.flatMap(({ updates }) => updates),
      settle: ({ refs }) => {
        for (const { id, nonce, updates } of parked) {
          if (updates.some(({ ref }) => refs.get(ref)?.state === 'declined')) this.#unparkable.add(nonce);
          if (updates.every(({ ref }) => refs.get(ref)?.state === 'accepted')) emit({ type: 'parked', id });
        }
      },
    });
  }

  async #letGo(nonces: readonly string[]): Promise<void> {
    const { held, journal } = this.#worker;
    const mine = nonces.filter((nonce) => held.has(nonce));
    await journal.remove(...mine);
    for (const nonce of mine) held.drop(nonce);
  }

  /** Where pushes are few none is spent on it: it costs as much as the fold. */
  #parks(view: View): boolean {
    const { observations, machine, budget } = this.#worker;
    if (budget.perMinute !== null) return false;
    return [...view.workers.keys()].some((name) => name !== machine.machine && workerState(observations, view, name) === 'live');
  }
}
