import { Bell, RING } from './bell.ts';
import { Floor } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/**
 * From the start of `errand delegate` to the first instruction of the agent, where an idle worker watches the queue. The
 * agent is a shell that rings a bell; its own start is part of what is measured, and told in a row of its own.
 */
export async function measureDispatch({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry, RING);
  using bell = await Bell.hang(stage);
  const floor = await Floor.set(stage);
  await using worker = await WorkerAtWork.start(stage);
  const floorMs: number[] = [];
  const measured: number[] = [];
  const shellMs: number[] = [];
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const raw = await floor.dispatch();
    await worker.untilIdle();
    const rang = bell.rings();
    const delegate = stage.errand('delegate', 'bench', 'ring the bell');
    const ms = (await rang) - delegate.startedAt;
    const { stdout: id } = await delegate.ended;
    await worker.untilRecorded(id.trim());
    await worker.untilIdle();
    const rangAlone = bell.rings();
    const shell = stage.start('sh', ['-c', RING], { BELL: stage.bell });
    const alone = (await rangAlone) - shell.startedAt;
    await shell.ended;
    if (round === 0) continue;
    floorMs.push(raw);
    measured.push(ms);
    shellMs.push(alone);
  }
  return [
    {
      measure: 'dispatch: start of `delegate` to the agent’s first instruction',
      unit: 'ms',
      floorMs,
      measured,
      target: { atMost: 2.5, of: 'ratio' },
    },
    { measure: 'of that, the start of the agent’s shell', unit: 'ms', floorMs: null, measured: shellMs, target: null },
  ];
}
