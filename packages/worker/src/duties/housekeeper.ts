import type { View } from '@errand/planner';
import type { WorkerContext } from '../context.ts';
import type { HouseReport } from '../housekeeping/keep-house.ts';
import { idsThatGoOnHere, noteGoesOnHere } from '../housekeeping/who-works.ts';
import type { Duty } from './duty.ts';

/** A round is done once an hour, sooner where the disk is nearly full: that is looked at more often. */
const LOOK_EVERY_MS = 10 * 60_000;
const RENEW_EVERY_MS = 60 * 60_000;
/** There was more to do than one round may. */
const SOON_MS = 60_000;

/**
 * Looks after this machine's disk: deletes what attempts left long ago or in excess, and makes the private clone anew once it has
 * outgrown a new one.
 */
export class Housekeeper implements Duty {
  readonly name = 'housekeeping';
  readonly #worker: WorkerContext;
  #dueAt = Number.NEGATIVE_INFINITY;
  #round: Promise<void> | null = null;
  #renewAt = Number.NEGATIVE_INFINITY;
  /** The last view of any process; null where there was none yet. */
  #view: View | null = null;
  #renewed = false;
  #saidTooMuch = false;
  #saidLacking = false;
  /** What could not be deleted; said once. */
  #saidStuck: ReadonlySet<string> = new Set();

  constructor(worker: WorkerContext) {
    this.#worker = worker;
  }

  async tend(view: View): Promise<void> {
    this.#view = view;
    this.begin();
  }

  /** Begins a round if one is due, also where there is no view: a disk that is full may be the reason. */
  begin(): void {
    const { clock } = this.#worker;
    if (this.#round !== null || clock.elapsedMs() < this.#dueAt) return;
    this.#dueAt = clock.elapsedMs() + LOOK_EVERY_MS;
    // Not awaited: gigabytes take longer than a lease, and nothing depends on them being gone.
    this.#round = this.#goRound().finally(() => {
      this.#round = null;
    });
  }

  /** Waits for what goes on, for a worker that ends by itself: it would never come to an end else. Never rejects. */
  async settle(): Promise<void> {
    await this.#round;
    if (this.#renewed) await this.#worker.queue.readView();
  }

  async #goRound(): Promise<void> {
    const { starter, held, clock, emit } = this.#worker;
    const nonces = new Set(held.all().map(({ nonce }) => nonce));
    try {
      const ids = new Set([...held.ids(), ...(await this.#findGoingOn())]);
      this.#tell(await starter.sweep({ nowMs: clock.wallMs(), nonces, ids }));
      await this.#renewClone();
    } catch (error) {
      emit({ type: 'trouble', duty: this.name, text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }

  /** Tasks whose session waits on this machine. A worker that starts without the remote knows them from the last look of any process. */
  async #findGoingOn(): Promise<string[]> {
    const { queue, machine } = this.#worker;
    this.#view ??= await queue.readLastView().catch(() => null);
    if (this.#view === null) return [];
    const ids = idsThatGoOnHere(this.#view, machine.machine);
    await noteGoesOnHere(queue.dir, ids);
    return ids;
  }

  #tell(report: HouseReport): void {
    if (report.kind !== 'done') return;
    const { emit, clock, machine } = this.#worker;
    const { rows, lost, tooMuchBytes, lackingBytes, stuck, more } = report;
    if (more) this.#dueAt = clock.elapsedMs() + SOON_MS;
    const removed = rows.reduce((sum, { gone }) => sum + gone, 0);
    if (removed > 0) emit({ type: 'kept-house', removed, freedBytes: rows.reduce((sum, row) => sum + row.goneBytes, 0) });
    if (lost.length > 0) {
      const text = `what could not be recorded or delivered was kept only here, and is deleted now for its age or size: ${lost.join(', ')}`;
      emit({ type: 'trouble', duty: this.name, text });
    }
    for (const { path, why } of stuck) {
      if (!this.#saidStuck.has(path)) emit({ type: 'trouble', duty: this.name, text: `cannot delete ${path}: ${why}` });
    }
    this.#saidStuck = new Set(stuck.map(({ path }) => path));
    if (tooMuchBytes !== null && !this.#saidTooMuch) {
      const text = `what attempts have left takes ${inMiB(tooMuchBytes)}, more than the ${inMiB(machine.keep.sizeBytes)} of keep.size, and what is left of it is in use; make room, or allow more in the configuration of ${machine.machine}`;
      emit({ type: 'trouble', duty: this.name, text });
    }
    this.#saidTooMuch = tooMuchBytes !== null;
    if (lackingBytes !== null && !this.#saidLacking) {
      const text = `the disk lacks ${inMiB(lackingBytes)} that a worker needs free to go on, and nothing more of Errand's may go; delete what other programs keep on it, or give ${machine.machine} a larger one`;
      emit({ type: 'trouble', duty: this.name, text });
    }
    this.#saidLacking = lackingBytes !== null;
  }

  /** The next view takes the new clone. */
  async #renewClone(): Promise<void> {
    const { queue, clock, emit } = this.#worker;
    if (clock.elapsedMs() < this.#renewAt) return;
    this.#renewAt = clock.elapsedMs() + RENEW_EVERY_MS;
    const renewal = await queue.renewClone();
    this.#renewed = renewal.kind === 'renewed';
    if (renewal.kind !== 'failed' || renewal.cause.kind === 'unreachable') return;
    emit({ type: 'trouble', duty: this.name, text: `the private clone could not be made anew: ${renewal.cause.message}` });
  }
}

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
