import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atMostEvery, type PacedAct } from './at-most-every.ts';

let acts: number;
let paced: PacedAct;

beforeEach(() => {
  vi.useFakeTimers();
  acts = 0;
  paced = atMostEvery(1000, () => {
    acts += 1;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first asking is answered at once, those that follow by one act at the end of the quiet time', () => {
  paced.ask();
  expect(acts).toBe(1);
  for (let asked = 0; asked < 5; asked += 1) paced.ask();
  vi.advanceTimersByTime(999);
  expect(acts).toBe(1);
  vi.advanceTimersByTime(1);
  expect(acts).toBe(2);
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(2);
});

test('an asking after the quiet time is answered at once', () => {
  paced.ask();
  vi.advanceTimersByTime(1000);
  paced.ask();
  expect(acts).toBe(2);
});

test('once stopped, nothing is done any more', () => {
  paced.ask();
  paced.ask();
  paced.stop();
  vi.advanceTimersByTime(10_000);
  expect(acts).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});
