import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What is measured, and how often. */
export interface Sizes {
  /** The program that `scripts/errand` runs, or another build of it. */
  entry: string;
  /** Readings of each measure that is not a long run, which is made once. */
  rounds: number;
  openTasks: number;
  finishedTasks: number;
  /** How slow the links are over which `wake` is measured: milliseconds for a round trip. */
  roundTripsMs: readonly number[];
  /** How long an idle worker is watched. */
  idleSeconds: number;
  /** How many tasks one worker does while its memory is watched. */
  tasks: number;
  /** How many hours a fleet works in virtual time. */
  fleetHours: number;
  /** How many workers of one slot contend for how many tasks, and how many tasks one worker of 128 slots burns down. */
  crowd: number;
  burst: number;
  flood: number;
}

export const BENCHMARKS = [
  'start',
  'everyday',
  'delegate',
  'dispatch',
  'wake',
  'pushes',
  'memory',
  'endurance',
  'idle',
  'fleet',
  'status',
  'contention',
] as const;
export type BenchmarkName = (typeof BENCHMARKS)[number];

/**
 * `--rounds 30 --open 500 --finished 20000 --round-trips 50,100 --idle 180 --tasks 500 --fleet-hours 24 --crowd 16 --burst 300 --flood 2000
 * --entry FILE`, and the names of the benchmarks to run: all, if none is named. `--check`: a target that is not met is a failure.
 */
export function readArguments(argv: readonly string[]): Sizes & { names: readonly BenchmarkName[]; check: boolean } {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      check: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '30' },
      open: { type: 'string', default: '500' },
      finished: { type: 'string', default: '20000' },
      'round-trips': { type: 'string', default: '50,100' },
      idle: { type: 'string', default: '180' },
      tasks: { type: 'string', default: '500' },
      'fleet-hours': { type: 'string', default: '24' },
      crowd: { type: 'string', default: '16' },
      burst: { type: 'string', default: '300' },
      flood: { type: 'string', default: '2000' },
      entry: { type: 'string', default: fileURLToPath(new URL('../../packages/cli/dist/bundle-errand.cjs', import.meta.url)) },
    },
  });
  const unknown = positionals.filter((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`no benchmark is called ${unknown.join(' or ')}: there are ${BENCHMARKS.join(', ')}`);
  const names = BENCHMARKS.filter((name) => positionals.length === 0 || positionals.includes(name));
  return {
    entry: values.entry,
    rounds: Number(values.rounds),
    openTasks: Number(values.open),
    finishedTasks: Number(values.finished),
    roundTripsMs: values['round-trips'].split(',').map(Number),
    idleSeconds: Number(values.idle),
    tasks: Number(values.tasks),
    fleetHours: Number(values['fleet-hours']),
    crowd: Number(values.crowd),
    burst: Number(values.burst),
    flood: Number(values.flood),
    names,
    check: values.check,
  };
}
