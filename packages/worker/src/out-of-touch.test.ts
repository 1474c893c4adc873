import { expect, test } from 'vitest';
import { OutOfTouch } from './out-of-touch.ts';

const MINUTE_MS = 60_000;
const TTL_MS = 3 * MINUTE_MS;
/** A wall clock that shows 09:00 when an hour of elapsed time has passed. */
const at = (minute: number) => ({
  elapsedMs: () => minute * MINUTE_MS,
  wallMs: () => Date.UTC(2026, 10, 20, 8, minute),
});

test('the longest time out of touch is told, if it was longer than the ttl, with when it began', () => {
  const touch = new OutOfTouch(0);
  touch.seen(2 * MINUTE_MS);
  expect(touch.describe('done', at(4), TTL_MS)).toBeNull();
  touch.seen(14 * MINUTE_MS);
  touch.seen(19 * MINUTE_MS);
  expect(touch.describe('failed', at(20), TTL_MS)).toBe(
    'the machine was out of touch with the queue for 12m from 2026-11-20 08:02:00 UTC on',
  );
});

test('one that lasts when the attempt ends says so', () => {
  const touch = new OutOfTouch(0);
  touch.seen(10 * MINUTE_MS);
  expect(touch.describe('done', at(60), TTL_MS)).toBe(
    'the machine was out of touch with the queue for 50m from 2026-11-20 08:10:00 UTC on, and still was when it ended',
  );
});

test('an older view that comes late changes nothing', () => {
  const touch = new OutOfTouch(10 * MINUTE_MS);
  touch.seen(5 * MINUTE_MS);
  expect(touch.describe('done', at(13), TTL_MS)).toBeNull();
});

test.each(['rate-limited', 'auth', 'fenced', 'stopped'] as const)('an attempt that is %s says nothing of it', (outcome) => {
  expect(new OutOfTouch(0).describe(outcome, at(60), TTL_MS)).toBeNull();
});
