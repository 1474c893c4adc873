import { setTimeout as pause } from 'node:timers/promises';
import { startSshServer, whyNoSshRemote } from '@errand/testing';
import { listFamily, type Member } from './family.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { type Elsewhere, Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/** CPU time that an idle worker takes, with all that it starts, as a share of one core: by default it looks every 30 s. Linux. */
export async function measureIdle({ entry, idleSeconds }: Sizes): Promise<Row[]> {
  const onDisk = measureOver('a repository on its disk', entry, idleSeconds, null);
  if (whyNoSshRemote() !== null) return [await onDisk];
  await using server = await startSshServer();
  await using remote = await server.openRemote();
  const overSsh = measureOver('ssh', entry, idleSeconds, { queue: remote.url, env: remote.env, config: [] });
  return await Promise.all([onDisk, overSsh]);
}

async function measureOver(where: string, entry: string, seconds: number, elsewhere: Elsewhere | null): Promise<Row> {
  using stage = await Stage.set(entry, ':', elsewhere);
  await using worker = await WorkerAtWork.start(stage);
  // Its guard stays from the first task on. Over a network it would take until the next look.
  if (elsewhere === null) {
    await worker.untilRecorded(await stage.delegate('anything'));
    await worker.untilIdle();
  }
  const before = listFamily(worker.pid);
  const startedAt = performance.now();
  await pause(seconds * 1_000);
  const spentMs = sumCpu(listFamily(worker.pid)) - sumCpu(before);
  return {
    measure: `CPU of an idle worker over ${where}, with all that it starts, in ${seconds} s`,
    unit: '%',
    floorMs: null,
    measured: [(100 * Math.max(0, spentMs)) / (performance.now() - startedAt)],
    target: { atMost: 0.3, of: 'value' },
  };
}

/** What has ended meanwhile is in the count of who started it. */
function sumCpu(family: readonly Member[]): number {
  return family.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}
