import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundlePlayer } from '../simulation/bundle.ts';
import type { FleetDay, FleetReport } from '../simulation/fleet-day.ts';
import type { Row } from './row.ts';
import type { Sizes } from './sizes.ts';
import { median, quantile } from './statistics.ts';

const WORKERS = 30;
const TASKS_A_DAY = 300;
const PUSHES = 6;
const MINUTE_MS = 60_000;

/**
 * Thirty workers on one queue for a day of virtual time (`test/simulation`), with the budget of a public host and without one: how often they push,
 * and how long people wait for it.
 */
export async function measureFleet({ fleetHours: hours }: Sizes): Promise<Row[]> {
  const player = await bundlePlayer([], 'fleet-player');
  const tasks = Math.round((TASKS_A_DAY * hours) / 24);
  const day = { seed: 1, workers: WORKERS, tasks, hours };
  const [budgeted, free] = await Promise.all([play(player, { ...day, pushes: PUSHES }), play(player, { ...day, pushes: null })]);
  return [
    ...describe(budgeted, hours, `${WORKERS} workers, ${tasks} tasks in ${hours} h, ${PUSHES} pushes a minute`, PUSHES),
    ...describe(free, hours, 'the same without a budget', null),
  ];
}

async function play(player: string, day: FleetDay): Promise<FleetReport> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--enable-source-maps', player, JSON.stringify(day)], {
    env: { PATH: process.env.PATH ?? '' },
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as FleetReport;
}

function describe(
  { pushedAt, purposes, toStart, toRecord }: FleetReport,
  hours: number,
  what: string,
  atMost: number | null,
): Row[] {
  const minutes = count(pushedAt, MINUTE_MS);
  const hourly = count(pushedAt, 60 * MINUTE_MS).map((pushes) => pushes / 60);
  const row = (measure: string, unit: Row['unit'], value: number): Row => {
    const measured = [unit === 's' ? value / 1_000 : value];
    return { measure: `${what}: ${measure}`, unit, floorMs: null, measured, target: null };
  };
  const atMostIt = atMost === null ? null : ({ atMost, of: 'value' } as const);
  const latency = (of: string, values: readonly number[]): Row[] => [
    row(`${of}, median`, 's', median(values)),
    row(`${of}, 95 of 100 within`, 's', quantile(values, 0.95)),
    row(`${of}, longest`, 's', Math.max(...values)),
  ];
  return [
    { ...row('pushes a minute, mean', 'pushes', pushedAt.length / (hours * 60)), target: atMostIt },
    { ...row('pushes a minute in the hour with the most', 'pushes', Math.max(...hourly)), target: atMostIt },
    row('pushes in the minute with the most, in which all start', 'pushes', Math.max(...minutes)),
    row('of its pushes are heartbeats', '%', (100 * (purposes.heartbeat ?? 0)) / pushedAt.length),
    ...latency('from filed to started', toStart),
    ...latency('from finished to recorded', toRecord),
  ];
}

/** How many of these moments fall into each span that has any. */
function count(moments: readonly number[], spanMs: number): number[] {
  const counts = new Map<number, number>();
  for (const at of moments) counts.set(Math.floor(at / spanMs), (counts.get(Math.floor(at / spanMs)) ?? 0) + 1);
  return [...counts.values()];
}
