import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { WorkerEvent } from '@errand/worker';
import type { Stage, Started } from './stage.ts';

/** Idle: nothing has happened for so long. Well over the second that a worker leaves between two folds. */
const QUIET_MS = 1_200;

/** `errand worker --json`, as a daemon that watches its queue, and what it tells. */
export class WorkerAtWork implements AsyncDisposable {
  readonly events: WorkerEvent[] = [];
  readonly #started: Started;
  readonly #heardAt: number[] = [];
  #lastAt = performance.now();
  #over = false;
  #wake = (): void => {};

  private constructor(started: Started) {
    this.#started = started;
    const { stdout } = started.child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#hear(line));
    const end = (): void => {
      this.#over = true;
      this.#wake();
    };
    started.ended.then(end, end);
  }

  /** Resolves once it is up and idle; `machine`: the stage's own, or one that was added to it. */
  static async start(stage: Stage, machine: Record<string, string> = {}): Promise<WorkerAtWork> {
    const worker = new WorkerAtWork(stage.worker(machine));
    await worker.waitFor((event) => event.type === 'push-ended');
    await worker.untilIdle();
    return worker;
  }

  get pid(): number {
    return this.#started.child.pid ?? 0;
  }

  /** Resolves with the first event, past or future, that fits; throws the worker's own words where it ends without. */
  async waitFor(fits: (event: WorkerEvent) => boolean): Promise<WorkerEvent> {
    for (let seen = 0; ; ) {
      for (; seen < this.events.length; seen++) {
        const event = this.events[seen];
        if (event && fits(event)) return event;
      }
      if (this.#over) await this.#started.ended.then(() => Promise.reject(new Error('the worker ended')));
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  untilRecorded(id: string): Promise<WorkerEvent> {
    return this.waitFor((event) => event.type === 'recorded' && event.id === id);
  }

  /** Resolves once it has recorded so many results. */
  async untilRecordedMany(count: number): Promise<void> {
    let recorded = 0;
    await this.waitFor(({ type }) => type === 'recorded' && ++recorded === count);
  }

  /** When it last told of such an event, as `performance.now()` spells it. */
  lastTold(type: WorkerEvent['type']): number {
    return this.#heardAt[this.events.findLastIndex((event) => event.type === type)] ?? Number.NaN;
  }

  told() { return this.events.map((e, i) => ({ t: this.#heardAt[i], ...e })); }
  async untilIdle(): Promise<void> {
    for (;;) {
      const leftMs = this.#lastAt + QUIET_MS - performance.now();
      if (leftMs <= 0) return;
      await pause(leftMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#started.child.kill('SIGTERM');
    await this.#started.ended.catch(() => {});
  }

  #hear(line: string): void {
    this.events.push(JSON.parse(line) as WorkerEvent);
    this.#lastAt = performance.now();
    this.#heardAt.push(this.#lastAt);
    this.#wake();
  }
}
