import type { Outcome } from '@errand/task';
import type { ClaimedWork, HeldAttempt } from '../../packages/worker/src/held.ts';
import { type StartedRun, StubRunner } from '../../packages/worker/src/rig/stub-runner.ts';
import type { Machine } from './machine.ts';
import { Program } from './program.ts';
import { SECRET } from './server.ts';
import type { World } from './world.ts';

/** So often a worker looks whether its attempt has ended. */
const LOOK_MS = 1_000;
const STILL_MS = 600_000;
const LIMIT_MS = 300_000;
/** How an attempt that does not come to a good end ends, the likelier the more often. */
const FAILURES: readonly Outcome[] = [
  'failed',
  'failed',
  'failed',
  'timed-out',
  'stalled',
  'unavailable',
  'rate-limited',
  'auth',
];

/** Attempts that take their time, stand still while they are frozen or their machine sleeps, and end as chance has it. */
export class SimulatedRunner extends StubRunner {
  readonly #world: World;
  readonly #machine: Machine;

  constructor(world: World, machine: Machine) {
    super();
    this.#world = world;
    this.#machine = machine;
  }

  override start(held: HeldAttempt, work: ClaimedWork): void {
    super.start(held, work);
    void this.#run(this.get(held.id));
  }

  async #run(started: StartedRun): Promise<void> {
    const { scheduler } = this.#world;
    const { held, work, run } = started;
    const { id, nonce, attempt } = held;
    const { boot, journal, clock } = this.context;
    this.#world.noteStart(this.#machine, { id, nonce, blob: work.blob, after: work.task.dependsOn });
    const startedAt = new Date(clock.wallMs()).toISOString();
    await this.#insist(() => journal.write({ id, nonce, attempt, boot, startedAt, unit: { nonce }, conclusion: null }));
    const forMs = this.#world.takeRunMs(id) + (this.#world.happens('agentStill') ? scheduler.pick(STILL_MS) : 0);
    const program = new Program(this.#world, this.#machine, { id, nonce, key: work.task.key ?? null, forMs });
    this.#machine.programs.set(nonce, program);
    this.#world.noteRun(this.#machine, program);
    while (!program.ended && run.stops.length === 0) {
      await scheduler.sleep(LOOK_MS);
      program.frozen = run.frozen;
      program.frozenByGuard = false;
    }
    program.end();
    this.#world.noteRunEnd(this.#machine, id);
    const [stop] = run.stops;
    const own = this.#world.happens('failure') ? (scheduler.one(FAILURES) ?? 'failed') : 'done';
    const outcome = stop === 'shutdown' ? 'stopped' : (stop ?? own);
    this.#world.noteOutcome(this.#machine, held, outcome);
    const secret = this.#world.happens('secret') ? ` ${SECRET}` : '';
    const more = {
      ...(outcome === 'rate-limited' && { cause: { kind: 'limit' as const, resetsAt: clock.wallMs() + LIMIT_MS } }),
      ...(outcome === 'timed-out' && { session: `session-of-${nonce}` }),
    };
    await this.#insist(() => this.endRun(started, outcome, `${nonce} ${outcome}${secret}`, more));
  }

  /** As the real one does: what it came to is written down, whatever it takes. */
  async #insist<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOSPC') this.#world.bug(error);
        await this.#world.scheduler.sleep(1_000);
      }
    }
  }
}
