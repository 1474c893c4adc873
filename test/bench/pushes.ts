import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/** How many pushes a worker sends for each of single tasks, one filed when the one before it is recorded; heartbeats count. */
export async function measurePushes({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  await using worker = await WorkerAtWork.start(stage);
  const countPushes = (): number => worker.events.filter(({ type }) => type === 'push-ended').length;
  const before = countPushes();
  for (let round = 1; round <= rounds; round++) {
    await worker.untilRecorded(await stage.delegate('anything'));
  }
  await worker.untilIdle();
  const perTask = (countPushes() - before) / rounds;
  return [
    {
      measure: `pushes of the worker per task, mean of ${rounds}`,
      unit: 'pushes',
      floorMs: null,
      measured: [perTask],
      target: { atMost: 2.1, of: 'value' },
    },
  ];
}
