import { addFile, beginCommit, importInto } from './big-queue.ts';
import { listFamily } from './family.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/** Filed at a time: enough for all slots. */
const BATCH = 10;
const SLOTS = 4;
/** How many finished tasks still have their files. */
const KEPT = 200;
/** How many are done in a day. */
const A_DAY = 100;
const DAY_MS = 86_400_000;
/** When memory is read, as shares of all tasks. */
const READ_AT = [0.01, 0.1, 0.2, 0.5, 1];
/** Until then a worker fills its caches. */
const SETTLED = 0.2;
/** With fewer, what it still fills weighs more than what it would go on to take. */
const TELLING = 2_000;

/** Memory of one `errand worker` while it does many tasks: each time when it has become idle for a moment. Linux. */
export async function measureEndurance({ entry, tasks }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry, ':', null, [`slots: ${SLOTS}`]);
  await using worker = await WorkerAtWork.start(stage);
  const readings: { done: number; residentMb: number }[] = [];
  let filed = 0;
  for (const share of READ_AT) {
    const upTo = Math.max(1, Math.round(tasks * share));
    while (filed < upTo) {
      const count = Math.min(BATCH, upTo - filed);
      await fileTasks(stage, filed, count);
      filed += count;
      await worker.untilRecordedMany(filed);
      if (filed % A_DAY === 0) await letADayPass(stage, Date.now() - ((tasks - filed) / A_DAY + 1) * DAY_MS);
    }
    await worker.untilIdle();
    const [{ residentMb } = { residentMb: Number.NaN }] = listFamily(worker.pid);
    readings.push({ done: filed, residentMb });
  }
  const row = (measure: string, measured: number): Row => ({
    measure,
    unit: 'MB',
    floorMs: null,
    measured: [measured],
    target: null,
  });
  const settled = readings.filter(({ done }) => done >= tasks * SETTLED);
  return [
    ...readings.map(
      ({ done, residentMb }): Row => ({
        ...row(`resident memory of a worker after ${done} tasks`, residentMb),
        target: { atMost: 85, of: 'value' },
      }),
    ),
    {
      ...row(`what it grows by in 1,000 tasks, from the ${settled[0]?.done}. on`, 1_000 * slopeOf(settled)),
      target: tasks < TELLING ? null : { atMost: 1, of: 'value' },
    },
  ];
}

/** What was done today was done on that day: a folder for each day, as in a queue that is used for months. */
async function letADayPass(stage: Stage, dayMs: number): Promise<void> {
  const { stdout } = await stage.start('git', ['--git-dir', stage.queue, 'ls-tree', '--name-only', 'main', 'results/']).ended;
  const today = stdout.trim().split('\n').at(-1) ?? '';
  const day = `results/${new Date(dayMs).toISOString().slice(0, 10)}`;
  await pushAfter(stage, [`${beginCommit(`${day} is over`, dayMs)}from refs/heads/main^0\n`, `R ${today} ${day}\n`]);
}

/** Somebody pushes some tasks, and removes those that finished long ago, as a worker does a week later. */
async function fileTasks(stage: Stage, from: number, count: number): Promise<void> {
  const path = (n: number): string => `tasks/task-${n}.md`;
  const text = [
    `${beginCommit(`file ${count} tasks`, Date.now())}from refs/heads/main^0\n`,
    ...Array.from({ length: count }, (_, n) => addFile(path(from + n), `Do number ${from + n}.\n`)),
    ...Array.from({ length: BATCH }, (_, n) => from - KEPT + n).flatMap((n) => (n < 0 ? [] : [`D ${path(n)}\n`])),
  ];
  await pushAfter(stage, text);
}

/** Again, where the worker was faster. */
async function pushAfter(stage: Stage, text: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await importInto(stage, stage.queue, text);
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

/** Megabytes a task, by least squares. */
function slopeOf(readings: readonly { done: number; residentMb: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
  const [done, mb] = [mean(readings.map((one) => one.done)), mean(readings.map((one) => one.residentMb))];
  const spread = readings.reduce((sum, one) => sum + (one.done - done) ** 2, 0);
  return spread === 0 ? 0 : readings.reduce((sum, one) => sum + (one.done - done) * (one.residentMb - mb), 0) / spread;
}
