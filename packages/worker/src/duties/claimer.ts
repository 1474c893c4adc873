import { othersMayRun, type PlannedClaim, planClaims, type Self, type View } from '@errand/planner';
import { buildClaim, type Claim, type RefUpdate, readResultStates, readTaskText, taskRef } from '@errand/queue';
import type { Heartbeat } from '@errand/task';
import { describeSelf, isListedIdle, isoNow, type WorkerContext } from '../context.ts';
import type { ClaimedWork, HeldAttempt } from '../held.ts';
import { routeTask } from '../routed.ts';
import type { Duty } from './duty.ts';

const DECLINED_BACKOFF_MS = 60_000;

interface NewClaim {
  claim: Claim;
  held: HeldAttempt;
  work: ClaimedWork;
}

/**
 * Claims what the planner chooses, and beats. A claim push carries the heartbeat that lists it; without a claim the
 * heartbeat goes alone when it is due. No claim is made before a heartbeat of this boot was accepted.
 */
export class Claimer implements Duty {
  readonly name = 'claim';
  readonly pushes = true;
  readonly #worker: WorkerContext;
  #eligible = 0;
  /** Since when tasks are left to other machines, as of the last plan. */
  #leftSince: ReadonlyMap<string, number> = new Map();
  #refused = false;
  #toldIdle = false;
  /** When a beat was last sent on its own. */
  #beatAt = Number.NEGATIVE_INFINITY;
  /** Claims that the server refused, by id, each with the elapsed time before which it is not tried again. */
  #declined = new Map<string, number>();

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  /** How many tasks the last plan would have this worker claim, now or in a moment. */
  get eligible(): number {
    return this.#eligible;
  }

  /** The server does not take this worker's heartbeat: it may not push here. */
  get refused(): boolean {
    return this.#refused;
  }

  async tend(view: View): Promise<void> {
    const { heartbeat, held, claiming, clock, wakeups } = this.#worker;
    if (heartbeat.needsView) return wakeups.now();
    const self = describeSelf(this.#worker, view);
    const planned = this.#maySeekWork() ? await this.#plan(view, self) : [];
    // What is left to others for a moment may still come to this worker.
    this.#eligible = planned.length + this.#leftSince.size;
    if (claiming && planned.length > 0) {
      if (!heartbeat.accepted) await this.#beat();
      if (heartbeat.accepted) return this.#claim(view, self, planned);
    }
    const dueAt = heartbeat.dueAt(held.size > 0);
    if (dueAt <= clock.elapsedMs()) await this.#beat();
    else wakeups.by(dueAt);
  }

  async #plan(view: View, self: Self): Promise<PlannedClaim[]> {
    const { observations, clock, wakeups, queue, refsPerPush } = this.#worker;
    const resultStates = await readResultStates(queue.port, view, queue.resultStateCache);
    const now = { wallMs: clock.wallMs(), elapsedMs: clock.elapsedMs() };
    const held = new Set([...self.held, ...this.#backingOff()]);
    const plan = planClaims({
      view,
      observations,
      self: { ...self, held },
      now,
      resultStates,
      limit: refsPerPush,
      leftSince: this.#leftSince,
      together: this.#worker.told,
    });
    this.#leftSince = plan.left;
    if (plan.wakeAtElapsedMs !== null) wakeups.by(plan.wakeAtElapsedMs);
    return plan.claims;
  }

  #maySeekWork(): boolean {
    const idle = isListedIdle(this.#worker);
    if (idle && !this.#toldIdle) {
      const text = `config/errand.yaml says worker: false for ${this.#worker.machine.machine}: it claims nothing until that line is changed`;
      this.#worker.emit({ type: 'trouble', duty: this.name, text });
    }
    this.#toldIdle = idle;
    return !idle;
  }

  /** Ids whose claim the server refused a moment ago: trying them again at once would not change it. */
  #backingOff(): string[] {
    const { clock, wakeups } = this.#worker;
    for (const [id, until] of this.#declined) {
      if (until <= clock.elapsedMs()) this.#declined.delete(id);
      else wakeups.by(until);
    }
    return [...this.#declined.keys()];
  }

  /**
   * Beats between two duties when the last beat is long ago: a slow duty must not cost the lease. Nor may a spent push budget: such a
   * beat is owed, but not tried more often than the share has a push.
   */
  async beatIfLate(): Promise<void> {
    const { heartbeat, held, budget, clock } = this.#worker;
    if (heartbeat.needsView || held.size === 0 || !heartbeat.accepted || heartbeat.spent <= 1 / 2) return;
    if (budget.isSpent && clock.elapsedMs() - this.#beatAt < budget.onePushMs) return;
    await this.#beat();
  }

  async #beat(): Promise<void> {
    const { heartbeat, pusher, held, wakeups, clock } = this.#worker;
    const runs = this.#runs();
    const beat = await heartbeat.beat(runs);
    if (!beat) return;
    this.#beatAt = clock.elapsedMs();
    const outcome = await pusher.push('heartbeat', [beat]);
    heartbeat.pushed(beat, outcome, runs);
    const pushed = outcome.refs.get(beat.ref);
    if (pushed?.state === 'declined') this.#tellRefused(pushed.reason);
    else this.#refused = outcome.cause?.kind === 'refused';
    // Frozen attempts wait for a view that is read in touch: no look brings that while the beat is declined.
    const awaitsTouch = pushed?.state !== 'declined' && held.in('running').some(({ phase }) => phase.run.frozen);
    if (heartbeat.needsView || awaitsTouch) wakeups.now();
  }

  /** Without a heartbeat this worker can claim nothing: it may read the queue, and not write to it. */
  #tellRefused(reason: string): void {
    if (this.#refused) return;
    this.#refused = true;
    const text = `the server refused this worker's heartbeat (${reason}); give it the right to push to refs/errand/, or check the server's hooks`;
    this.#worker.emit({ type: 'refused', ids: [], text });
  }

  async #claim(view: View, self: Self, planned: readonly PlannedClaim[]): Promise<void> {
    const built = await Promise.all(planned.map((one) => this.#build(view, self, one)));
    const claims = built.filter((claim) => claim !== null);
    if (claims.length === 0) return;
    const { held, wakeups } = this.#worker;
    for (const { held: attempt } of claims) held.add(attempt);
    try {
      await this.#pushAll(claims);
    } finally {
      // Whatever failed on the way, the next view shows which of them are mine.
      for (const { held: attempt, work } of claims) this.#noteSent(attempt, work);
      wakeups.now();
    }
  }

  /** A claim with a key is all or nothing; the others each win or lose alone, in one push. The beat goes with the first that takes it. */
  async #pushAll(claims: readonly NewClaim[]): Promise<void> {
    const { heartbeat } = this.#worker;
    const runs = this.#runs();
    let beat = await heartbeat.beat(runs);
    const plain = claims.filter(({ claim }) => claim.record.key === undefined);
    const keyed = claims.filter(({ claim }) => claim.record.key !== undefined);
    for (const batch of [...(plain.length > 0 ? [plain] : []), ...keyed.map((one) => [one])]) {
      if (await this.#push(batch, beat, runs)) beat = null;
    }
  }

  #noteSent(attempt: HeldAttempt, work: ClaimedWork): void {
    if (attempt.phase.name !== 'claiming' || attempt.phase.pushedAt !== null) return;
    attempt.phase = { name: 'claiming', pushedAt: this.#worker.clock.elapsedMs(), work };
  }

  /** True when the beat was taken along. */
  async #push(batch: NewClaim[], beat: RefUpdate | null, runs: Heartbeat['runs']): Promise<boolean> {
    const { pusher, heartbeat, held, emit } = this.#worker;
    const updates = batch.flatMap(({ claim }) => claim.updates);
    const atomic = batch.some(({ claim }) => claim.record.key !== undefined);
    const outcome = await pusher.push('claim', beat ? [beat, ...updates] : updates, { atomic });
    for (const { held: attempt, work } of batch) this.#noteSent(attempt, work);
    if (beat) heartbeat.pushed(beat, outcome, runs);
    for (const { claim, held: attempt, work } of batch) {
      const pushed = outcome.refs.get(taskRef(claim.id)) ?? { state: 'unknown' as const };
      if (pushed.state === 'rejected' || pushed.state === 'declined') {
        held.drop(attempt.nonce);
        if (pushed.state === 'declined') this.#backOff(claim.id, pushed.reason);
        continue;
      }
      if (pushed.state === 'accepted') {
        emit({ type: 'claimed', id: claim.id, attempt: attempt.attempt, tier: work.routed.tier, tierReason: work.routed.reason });
      }
    }
    return beat !== null && outcome.refs.get(beat.ref)?.state === 'accepted';
  }

  #backOff(id: string, reason: string): void {
    const { emit, clock } = this.#worker;
    this.#declined.set(id, clock.elapsedMs() + DECLINED_BACKOFF_MS);
    const text = `the server refused the claim of ${id} (${reason}); check its hooks and rules for refs/errand/; it is tried again in a minute`;
    emit({ type: 'refused', ids: [id], text });
  }

  async #build(view: View, self: Self, planned: PlannedClaim): Promise<NewClaim | null> {
    const { queue, boot, machine, newNonce, clock } = this.#worker;
    const { task, file } = planned;
    const agent = task.agent === 'auto' ? self.defaultAgent : task.agent;
    if (agent === null) return null;
    // A result tells what was run, word for word: what cannot be read just now is not begun.
    const taskText = await readTaskText(queue.port, file.blob);
    if (taskText === null || taskText === '') return null;
    const routed = routeTask(task, agent, queue.config, machine, planned.tier);
    const nonce = newNonce();
    const fresh = { nonce, claimedAt: isoNow(clock), tier: routed.tier };
    const claim = await buildClaim(queue.port, planned, { machine: machine.machine, boot }, fresh);
    const othersRun = othersMayRun(view.tasks.get(planned.id), machine.machine);
    const work = { task, blob: file.blob, taskText, record: claim.record, routed, othersMayRun: othersRun };
    const held: HeldAttempt = {
      id: planned.id,
      nonce,
      attempt: planned.attempt,
      phase: { name: 'claiming', pushedAt: null, work },
    };
    return { claim, held, work };
  }

  #runs(): Heartbeat['runs'] {
    return this.#worker.held.all().map(({ id, nonce, attempt, phase }) => ({
      id,
      nonce,
      attempt,
      phase: phase.name === 'claiming' ? 'claimed' : phase.name === 'running' ? 'running' : 'finished',
      ...(phase.name === 'running' && {
        started_at: phase.startedAt,
        agent: phase.work.routed.agent,
        model: phase.work.routed.model,
        ...phase.run.progress,
      }),
    }));
  }
}
