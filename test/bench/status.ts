import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { growQueue } from './big-queue.ts';
import { clonePrivately, lookByGit } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

/** `errand status` on a large queue, for somebody who has looked before and for somebody who has not. */
export async function measureStatus(sizes: Sizes): Promise<Row[]> {
  const { openTasks, finishedTasks } = sizes;
  const what = `${openTasks} open and ${finishedTasks} finished tasks`;
  return [
    ...(await measureQueue(sizes, `${what}, tidied`, true)),
    ...(await measureQueue(sizes, `${what}, their files still there`, false)),
  ];
}

async function measureQueue({ entry, rounds, openTasks, finishedTasks }: Sizes, what: string, tidied: boolean): Promise<Row[]> {
  using stage = await Stage.set(entry);
  const size = { open: openTasks, finished: finishedTasks, tidied };
  const queue = await growQueue(stage, 'big.git', size, Date.now());
  const clone = join(stage.folder, 'floor.git');
  await clonePrivately(stage, queue, clone);
  const look = async (): Promise<number> => {
    const { ms, stdout } = await stage.errand('status', '--queue', queue).ended;
    if (!stdout.includes(`Tasks (${openTasks} open)`)) throw new Error(`status tells of another queue:\n${stdout}`);
    return ms;
  };

  const first: number[] = [];
  for (let round = 0; round < Math.ceil(rounds / 10); round++) {
    rmSync(stage.stateDir, { recursive: true, force: true });
    first.push(await look());
  }
  const floorMs: number[] = [];
  const measured: number[] = [];
  // The first round fills caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const raw = await lookByGit(stage, clone);
    const ms = await look();
    if (round === 0) continue;
    floorMs.push(raw);
    measured.push(ms);
  }
  return [
    { measure: `\`status\`, ${what}`, unit: 'ms', floorMs, measured, target: { atMost: 400, of: 'value' } },
    { measure: 'the same, for the first time', unit: 'ms', floorMs: null, measured: first, target: null },
  ];
}
