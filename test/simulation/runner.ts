import type { ClaimedWork, HeldAttempt } from '../../packages/worker/src/held.ts';
import { type StartedRun, StubRunner } from '../../packages/worker/src/rig/stub-runner.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const STEP_MS = 2_000;

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
    const startedAt = new Date(clock.wallMs()).toISOString();
    await this.#insist(() => journal.write({ id, nonce, attempt, boot, startedAt, unit: { nonce }, conclusion: null }));
    const program = { id, nonce, key: work.record.key?.name ?? null, frozen: false };
    this.#machine.programs.set(nonce, program);
    this.#world.noteRun(this.#machine, program);
    for (let left = 1 + scheduler.pick(40); left > 0 && run.stops.length === 0; ) {
      await scheduler.sleep(STEP_MS);
      program.frozen = run.frozen;
      if (!run.frozen) left -= 1;
    }
    this.#machine.programs.delete(nonce);
    const [stop] = run.stops;
    const outcome = stop === 'shutdown' ? 'stopped' : (stop ?? (this.#world.happens('failure') ? 'failed' : 'done'));
    await this.#insist(() => this.endRun(started, outcome, `${nonce} answers`));
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
