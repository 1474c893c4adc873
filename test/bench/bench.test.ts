import { fileURLToPath } from 'node:url';
import { whyNoSshRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { measure } from './benchmarks.ts';
import { isMet, type Row, renderRows } from './row.ts';
import { BENCHMARKS, readArguments } from './sizes.ts';

const ENTRY = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** `wake` needs an sshd, which a machine of its own may lack. */
const here = BENCHMARKS.filter((name) => name !== 'wake' || whyNoSshRemote() === null || process.env.CI === 'true');

test.each(here)(
  'the benchmark %s runs and prints its rows',
  async (name) => {
    const rows = await measure(name, {
      entry: ENTRY,
      rounds: 1,
      openTasks: 3,
      finishedTasks: 70,
      roundTripsMs: [10],
      idleSeconds: 1,
      tasks: 6,
      fleetHours: 1,
      crowd: 2,
      burst: 4,
      flood: 8,
    });
    for (const { measured, floorMs } of rows) {
      for (const value of [...measured, ...(floorMs ?? [])]) expect(value).toBeGreaterThanOrEqual(0);
    }
    // A second of idleness may cost nothing that the kernel counts.
    if (name !== 'idle') expect(rows[0]?.measured[0]).toBeGreaterThan(0);
    expect(renderRows(rows).split('\n')).toHaveLength(rows.length + 2);
  },
  180_000,
);

test('a ratio is that of the medians, and a target counts for what it names', () => {
  const row: Row = {
    measure: 'a',
    unit: 'ms',
    floorMs: [10, 30, 20],
    measured: [50, 45, 900],
    target: { atMost: 2.5, of: 'ratio' },
  };
  expect(renderRows([row]).split('\n').at(-1)).toBe('| a | 20 ms (15.0–25) | 50 ms (48–475) | 2.50 × | ≤ 2.5 × | yes |');
  expect(isMet({ ...row, target: { atMost: 2.4, of: 'ratio' } })).toBe(false);
  expect(isMet({ ...row, target: { atMost: 50, of: 'value' } })).toBe(true);
});

test('what was not measured says so, and meets no target', () => {
  const row: Row = { measure: 'a', unit: 'tries', floorMs: null, measured: [], target: { atMost: 3, of: 'value' } };
  expect(renderRows([row]).split('\n').at(-1)).toBe('| a |  | not measured |  | ≤ 3 tries | no |');
  expect(isMet(row)).toBe(false);
});

test('what is not asked for takes the sizes of the documented table', () => {
  expect(readArguments(['status', '--rounds', '3'])).toMatchObject({
    names: ['status'],
    check: false,
    rounds: 3,
    openTasks: 500,
    finishedTasks: 20_000,
  });
  expect(readArguments([]).names).toEqual(BENCHMARKS);
  expect(readArguments(['--check'])).toMatchObject({ names: BENCHMARKS, check: true });
  expect(() => readArguments(['speed'])).toThrow('no benchmark is called speed');
});
