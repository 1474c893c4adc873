import { expect, test } from 'vitest';
import { parseInstant } from './instants.ts';

test.each([
  ['2026-11-21T09:00:00Z', '2026-11-21T09:00:00.000Z'],
  ['2026-11-21t09:00:00.5z', '2026-11-21T09:00:00.500Z'],
  ['2026-11-21 10:00 +01:00', '2026-11-21T09:00:00.000Z'],
  ['2026-11-21T04:30-0430', '2026-11-21T09:00:00.000Z'],
  ['2026-11-21T09:00', '2026-11-21T09:00:00.000Z'],
  ['2026-11-21', '2026-11-21T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(iso);
});

test.each([
  '',
  'tomorrow',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-11-21T24:00',
  '2026-11-21T09:60',
  '2026-11-21T09:00+15:00',
  '2026-11-21Z',
  '21.11.2026',
])('%j is no moment', (text) => {
  expect(parseInstant(text)).toBeNull();
});
