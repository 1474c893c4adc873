import { setTimeout as pause } from 'node:timers/promises';
import { BareRepository } from '@errand/testing';
import { listFamily, type Member } from './family.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';

const TASKS = 3;
/** Long enough for the worker to have folded, looked again and gone to sleep. */
const IDLE_MS = 3_000;
const READING_PAUSE_MS = 100;

/** Memory of `errand worker`, as a person starts it, and of its own processes, when it has done some tasks and is idle. Linux. */
export async function measureMemory({ entry, rounds }: Sizes): Promise<Row[]> {
  using stage = await Stage.set(entry);
  const queue = new BareRepository(stage.queue, stage.env);
  const worker = stage.errand('worker');
  try {
    for (let task = 1; task <= TASKS; task++) {
      await untilRecorded(queue, await stage.delegate('anything'));
    }
    await pause(IDLE_MS);
    const readings: Member[][] = [];
    for (let round = 0; round < rounds; round++) {
      readings.push(listFamily(worker.child.pid ?? 0));
      await pause(READING_PAUSE_MS);
    }
    const sum = (is: Member['is']): number[] =>
      readings.map((members) =>
        members.filter((member) => member.is === is).reduce((total, { residentMb }) => total + residentMb, 0),
      );
    const row = (measure: string, is: Member['is']): Row => ({
      measure,
      unit: 'MB',
      floorMs: null,
      measured: sum(is),
      target: null,
    });
    return [
      { ...row('resident memory of an idle worker', 'worker'), target: { atMost: 85, of: 'value' } },
      row('its guard beside it', 'guard'),
      row('its git processes', 'git'),
    ];
  } finally {
    worker.child.kill('SIGTERM');
    await worker.ended;
  }
}

async function untilRecorded(queue: BareRepository, id: string): Promise<void> {
  for (;;) {
    const files = await queue.git('ls-tree', '-r', '--name-only', 'main');
    if (files.split('\n').some((path) => path.startsWith('results/') && path.endsWith(`/${id}.md`))) return;
    await pause(50);
  }
}
