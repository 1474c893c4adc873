import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/**
 * How many pushes a worker sends for each of single tasks, one filed when the one before it is recorded; heartbeats count.
 * A worker that is awake may send a task before its `delegate` does: that push is not in addition, so it has a row of its own.
 */
export async function measurePushes({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  await using worker = await WorkerAtWork.start(stage);
  const before = worker.events.length;
  for (let round = 1; round <= rounds; round++) await worker.untilRecorded(await stage.delegate('anything'));
  await worker.untilIdle();
  const purposes = worker.events.slice(before).flatMap((event) => (event.type === 'push-ended' ? [event.purpose] : []));
  const sentForOthers = purposes.filter((purpose) => purpose === 'outbox').length;
  const perTask = (count: number): Omit<Row, 'measure' | 'target'> => ({
    unit: 'pushes',
    floorMs: null,
    measured: [count / rounds],
  });
  return [
    {
      measure: `pushes of the worker per task, mean of ${rounds}`,
      ...perTask(purposes.length - sentForOthers),
      target: { atMost: 2.1, of: 'value' },
    },
    { measure: 'pushes that it made in place of `delegate`', ...perTask(sentForOthers), target: null },
  ];
}
