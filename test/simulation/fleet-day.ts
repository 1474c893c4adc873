import type { WorkerEvent } from '../../packages/worker/src/events.ts';
import { calm } from './faults.ts';
import { Machine } from './machine.ts';
import { People } from './people.ts';
import { stage } from './platform/stage.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_ATTEMPT_MINUTES = 20;
const LARGEST_BATCH = 4;

/** What a fleet does in calm weather. */
export interface FleetDay {
  seed: number;
  workers: number;
  tasks: number;
  /** At least one. */
  hours: number;
  /** Pushes per minute that the queue's file allows, or null. */
  pushes: number | null;
}

/** What came of it; times in milliseconds. */
export interface FleetReport {
  /** When each push of a worker began. */
  pushedAt: number[];
  /** How many of them for what. */
  purposes: { [purpose: string]: number };
  /** From the commit that files a task to the start of its attempt. */
  toStart: number[];
  /** From the end of its attempt to the commit with its result. */
  toRecord: number[];
}

const plain = (id: string): string => `---\nagent: command\n---\nDo ${id}.\n`;

/** Notes when what happens to each task. */
class FleetWorld extends World {
  readonly report: FleetReport = { pushedAt: [], purposes: {}, toStart: [], toRecord: [] };
  readonly filedAt = new Map<string, number>();
  readonly #endedAt = new Map<string, number>();

  constructor(seed: number) {
    super(seed, calm());
  }

  /** What an agent may be started on is checked where things go wrong. */
  override noteStart(): void {}

  /** From one minute to twenty, the short ones more often. */
  override takeRunMs(id: string): number {
    const { scheduler, report, filedAt } = this;
    report.toStart.push(scheduler.nowMs - (filedAt.get(id) ?? Number.NaN));
    return LONGEST_ATTEMPT_MINUTES ** scheduler.random() * MINUTE_MS;
  }

  override noteRunEnd(machine: Machine, id: string): void {
    this.#endedAt.set(id, this.scheduler.nowMs);
    super.noteRunEnd(machine, id);
  }

  override hear(machine: Machine, event: WorkerEvent): void {
    const { scheduler, report } = this;
    if (event.type === 'push-started') {
      report.pushedAt.push(scheduler.nowMs);
      report.purposes[event.purpose] = (report.purposes[event.purpose] ?? 0) + 1;
    }
    const endedAt = event.type === 'recorded' ? this.#endedAt.get(event.id) : undefined;
    if (event.type === 'recorded' && endedAt !== undefined) {
      report.toRecord.push(scheduler.nowMs - endedAt);
      this.#endedAt.delete(event.id);
    }
    super.hear(machine, event);
  }
}

/** A day of a fleet: people ask for one to four things at a time, most often in the middle of the day. Throws where one is not done by the end. */
export async function playFleetDay({ seed, workers, tasks, hours, pushes }: FleetDay): Promise<FleetReport> {
  const world = new FleetWorld(seed);
  const { scheduler, report } = world;
  stage.scheduler = scheduler;
  const machines = Array.from({ length: workers }, (_, n) => new Machine(`m${n}`, world));
  world.machines = machines;
  const people = new People(world);
  const act = (what: () => unknown, inMs: number): void => void scheduler.after(inMs, () => void what(), null);
  act(() => people.configure(`pushes: ${pushes ?? 'none'}\n`), 0);
  for (const machine of machines) act(() => machine.start(), 1 + scheduler.pick(30_000));
  const file = async (): Promise<void> => void world.filedAt.set(await people.file(plain), scheduler.nowMs);
  // The end of a day is left for what is still to be done.
  const filingMs = hours * HOUR_MS - Math.max((hours * HOUR_MS) / 24, 2 * LONGEST_ATTEMPT_MINUTES * MINUTE_MS);
  for (let left = tasks; left > 0; ) {
    const atMs = ((scheduler.random() + scheduler.random()) / 2) * filingMs;
    for (let batch = Math.min(left, 1 + scheduler.pick(LARGEST_BATCH)); batch > 0; batch--, left--)
      act(file, atMs + batch * 5_000);
  }
  await scheduler.run(
    () => scheduler.nowMs > hours * HOUR_MS || world.problem !== null,
    () => {},
  );
  if (world.problem !== null) throw new Error(world.problem);
  if (report.toRecord.length !== tasks) throw new Error(`${report.toRecord.length} of ${tasks} tasks were recorded`);
  return report;
}
