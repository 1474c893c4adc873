import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 5000, longestMs: 900_000 };

test('waits start at the first, double, and stay below the longest, however often it failed', () => {
  const waits = [1, 2, 3, 8, 9, 1000].map((failures) => backoffMs(failures, BACKOFF, () => 0));
  expect(waits).toEqual([5000, 10_000, 20_000, 600_000, 600_000, 600_000]);
  expect(backoffMs(1000, BACKOFF, () => 0.999_999)).toBeLessThanOrEqual(BACKOFF.longestMs);
});

test('chance adds up to half as much again, so that machines do not come back as one', () => {
  expect(backoffMs(1, BACKOFF, () => 0.999_999)).toBe(7500);
});
