import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Wakeups } from './wakeups.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };

/** Whether this has come to an end after so many milliseconds. */
async function endedAfter(waiting: Promise<void>, ms: number): Promise<boolean> {
  let ended = false;
  void waiting.then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(ms);
  return ended;
}

test('the earliest of the times that were asked for ends the wait', async () => {
  const wakeups = new Wakeups(clock);
  wakeups.by(clock.elapsedMs() + 500);
  wakeups.by(clock.elapsedMs() + 100);
  const waiting = wakeups.wait();
  expect(await endedAfter(waiting, 99)).toBe(false);
  expect(await endedAfter(waiting, 1)).toBe(true);
});

test('a time is asked for once: the next wait has forgotten it', async () => {
  const wakeups = new Wakeups(clock);
  wakeups.by(clock.elapsedMs() + 100);
  const first = wakeups.wait();
  await vi.advanceTimersByTimeAsync(100);
  await first;
  const second = wakeups.wait();
  expect(await endedAfter(second, 1_000_000)).toBe(false);
  wakeups.now();
  expect(await endedAfter(second, 0)).toBe(true);
});

test('what happens while the loop is busy is not lost, and counts once', async () => {
  const wakeups = new Wakeups(clock);
  wakeups.now();
  wakeups.now();
  expect(await endedAfter(wakeups.wait(), 0)).toBe(true);
  wakeups.by(clock.elapsedMs() + 10);
  const waiting = wakeups.wait();
  expect(await endedAfter(waiting, 9)).toBe(false);
  expect(await endedAfter(waiting, 1)).toBe(true);
});

test('a time that has passed ends the wait at once, and one beyond what a timer can hold does not', async () => {
  const wakeups = new Wakeups(clock);
  wakeups.by(clock.elapsedMs() - 1);
  expect(await endedAfter(wakeups.wait(), 0)).toBe(true);
  wakeups.by(clock.elapsedMs() + 2 ** 40);
  expect(await endedAfter(wakeups.wait(), 1_000)).toBe(false);
});

test('a time that comes up during the wait shortens it, and is not lost while the loop is busy', async () => {
  const wakeups = new Wakeups(clock);
  wakeups.by(clock.elapsedMs() + 500);
  const waiting = wakeups.wait();
  await vi.advanceTimersByTimeAsync(10);
  wakeups.soon(clock.elapsedMs() + 100);
  expect(await endedAfter(waiting, 99)).toBe(false);
  expect(await endedAfter(waiting, 1)).toBe(true);
  wakeups.soon(clock.elapsedMs() + 100);
  expect(await endedAfter(wakeups.wait(), 100)).toBe(true);
});
