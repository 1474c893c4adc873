import type { WorkerContext } from '../context.ts';

/** How often to look, milliseconds at most: a machine that wakes from a sleep is to notice soon, and an idle one is to rest. */
const RUNNING_LOOK_MS = 5_000;
const IDLE_LOOK_MS = 20_000;
/** Share of the ttl without an accepted heartbeat after which agents are frozen. */
const FREEZE_SHARE = 2 / 3;

/**
 * The worker's own view of its lease, on a timer of its own so that a hanging fetch cannot delay it. At two thirds of the
 * ttl without an accepted heartbeat, or after a jump of the clock (suspend), the agents of tasks that others may run are
 * frozen; the next view decides whether they go on, and after a jump it is taken at once. It spares work done twice; what
 * keeps results safe is the fold.
 */
export class LeaseGuard {
  readonly #worker: WorkerContext;
  #timer: NodeJS.Timeout | null = null;
  #everyMs = 0;
  #lastLookAt: number;

  constructor(worker: WorkerContext) {
    this.#worker = worker;
    this.#lastLookAt = worker.clock.elapsedMs();
  }

  start(): void {
    this.#keepPace();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One look; the timer's, and the loop's own before it trusts anything after a pause. */
  look(): void {
    const { clock, heartbeat, held, machine, wakeups } = this.#worker;
    const now = clock.elapsedMs();
    const jumped = now - this.#lastLookAt > machine.lease.ttlMs * FREEZE_SHARE;
    this.#lastLookAt = now;
    // The times that were asked for run by a clock that stands still in a sleep: what there is to do is due now.
    if (jumped) wakeups.now();
    const running = held.in('running').filter(({ phase }) => phase.work.othersMayRun && !phase.run.frozen);
    if (running.length > 0 && (jumped || heartbeat.spent > FREEZE_SHARE)) {
      const why = jumped ? 'this worker stood still' : 'the queue was out of reach for two thirds of the lease';
      for (const { held: attempt, phase } of running) {
        void phase.run.freeze(why);
        this.#worker.emit({ type: 'frozen', id: attempt.id, why });
      }
      wakeups.now();
    }
    if (this.#timer !== null) this.#keepPace();
    this.#tellGuard();
  }

  /** Where nothing runs, the guard process has nothing to freeze, and is not woken. */
  #tellGuard(): void {
    const { held, starter } = this.#worker;
    if (held.in('running').length > 0) starter.tick();
  }

  #keepPace(): void {
    const { held, machine } = this.#worker;
    const longestMs = held.in('running').length > 0 ? RUNNING_LOOK_MS : IDLE_LOOK_MS;
    const everyMs = Math.max(200, Math.min(longestMs, machine.lease.ttlMs / 12));
    if (this.#timer !== null && everyMs === this.#everyMs) return;
    this.stop();
    this.#everyMs = everyMs;
    this.#timer = setInterval(() => this.look(), everyMs);
  }
}
