import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, MAX_DURATION_MS, parseDuration, scanDuration } from './durations.ts';

test.each([
  ['1s', 1000],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  ['2d', 172_800_000],
  ['365d', MAX_DURATION_MS],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['', 'bad-duration'],
  ['30', 'bad-duration'],
  ['m', 'bad-duration'],
  ['30M', 'bad-duration'],
  ['1.5h', 'bad-duration'],
  ['-1m', 'bad-duration'],
  ['30m1h', 'bad-duration'],
  [' 30m', 'bad-duration'],
  ['30 m', 'bad-duration'],
  ['0s', 'duration-too-short'],
  ['500ms', 'duration-too-short'],
  ['366d', 'duration-too-long'],
])('%j is refused: %s', (text, fault) => {
  expect(scanDuration(text)).toBe(fault);
  expect(parseDuration(text)).toBeNull();
});

test.each([
  [0, '<1s'],
  [999, '<1s'],
  [12_345, '12s'],
  [192_000, '3m 12s'],
  [1_800_000, '30m'],
  [7_205_000, '2h'],
  [100_800_000, '1d 4h'],
])('%d ms is shown as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('what is shown can be read again, and is never more than what was meant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: MAX_DURATION_MS }), (ms) => {
      const read = parseDuration(formatDuration(ms)) ?? Number.NaN;
      expect(read).toBeLessThanOrEqual(ms);
      expect(read).toBeGreaterThan(ms * 0.9 - 1000);
    }),
  );
});
