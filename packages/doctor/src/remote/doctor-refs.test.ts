import { expect, test } from 'vitest';
import { doctorFolder, isLeftover } from './doctor-refs.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

test('refs of a doctor are left over after a quarter of an hour, and not before', () => {
  const ref = `${doctorFolder(NOW, 'ab12')}a`;
  expect(ref).toBe('refs/errand/doctor/20261120t120000-ab12/a');
  expect(isLeftover(ref, NOW + 14 * 60_000)).toBe(false);
  expect(isLeftover(ref, NOW + 16 * 60_000)).toBe(true);
});

test('what no doctor made is never left over', () => {
  for (const name of [
    'refs/errand/tasks/a',
    'refs/errand/doctor/a',
    'refs/heads/20260101t000000-ab/a',
    'refs/errand/doctor/x-ab/a',
  ]) {
    expect(isLeftover(name, NOW)).toBe(false);
  }
});
