import { afterAll, describe, expect, test } from 'vitest';
import { POINTS, VICTIMS } from './points.ts';
import { strike } from './strike.ts';

/** What happened, by point and victim: printed at the end, whole even where a cell failed. */
const cells = new Map<string, string>();

describe('whatever is killed, the task is recorded once and nothing is left over', { concurrent: true, timeout: 120_000 }, () => {
  for (const point of POINTS) {
    for (const victim of VICTIMS) {
      if (!point.blows[victim]) continue;
      test(`${victim}, killed at "${point.name}"`, async () => {
        cells.set(`${point.name} ${victim}`, 'FAILED');
        const happened = await strike(point, victim);
        cells.set(`${point.name} ${victim}`, happened);
        expect(happened).toMatch(/\(\d runs?\)/);
      });
    }
  }
});

afterAll(() => {
  const rows = [
    ['killed at', ...VICTIMS],
    ...POINTS.map(({ name }) => [name, ...VICTIMS.map((victim) => cells.get(`${name} ${victim}`) ?? '·')]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  console.info(
    rows
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n'),
  );
});
