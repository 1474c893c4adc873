import { whyNoSshRemote } from '@errand/testing';
import { Bell, RING } from './bell.ts';
import { FarAway } from './far-away.ts';
import { Floor } from './floor.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { Stage } from './stage.ts';
import { WorkerAtWork } from './worker-at-work.ts';

/**
 * From the start of `errand delegate` on one machine to the first instruction of the agent on another, which polls every ten
 * minutes: only the wake can start it. Both reach the git server (ssh) and the server of notifications over a slow link.
 */
export async function measureWake(sizes: Sizes): Promise<Row[]> {
  const missing = whyNoSshRemote();
  if (missing !== null) throw new Error(missing);
  const rows: Row[] = [];
  for (const roundTripMs of sizes.roundTripsMs) rows.push(...(await measureLink(sizes, roundTripMs)));
  return rows;
}

async function measureLink({ entry, rounds }: Sizes, roundTripMs: number): Promise<Row[]> {
  await using far = await FarAway.set(roundTripMs / 2);
  using here = await Stage.set(entry, ':', far.machines);
  using there = await Stage.set(entry, RING, far.machines);
  using bell = await Bell.hang(there);
  const floor = await Floor.set(here, far.floor);
  await using worker = await WorkerAtWork.start(there);
  await worker.waitFor(({ type }) => type === 'woken');
  const floorMs: number[] = [];
  const measured: number[] = [];
  const fromWake: number[] = [];
  // The first round fills caches and opens connections, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const raw = await floor.dispatch();
    await worker.untilIdle();
    const rang = bell.rings();
    // A text of its own: one that was there before would not have to be sent.
    const delegate = here.errand('delegate', 'bench', `ring the bell for the ${round}. time`);
    const rangAt = await rang;
    const wokenAt = worker.lastTold('woken');
    const { stdout: id } = await delegate.ended;
    await worker.untilRecorded(id.trim());
    if (round === 0) continue;
    floorMs.push(raw);
    measured.push(rangAt - delegate.startedAt);
    fromWake.push(rangAt - wokenAt);
  }
  const link = `over a link of ${roundTripMs} ms`;
  return [
    {
      measure: `wake ${link}: start of \`delegate\` to the agent’s first instruction`,
      unit: 'ms',
      floorMs,
      measured,
      target: { atMost: 1.5, of: 'ratio' },
    },
    {
      measure: 'of that, from the moment that the worker was woken',
      unit: 'ms',
      floorMs: null,
      measured: fromWake,
      target: roundTripMs === 50 ? { atMost: 1000, of: 'value' } : null,
    },
  ];
}
