import { describe, expect, test } from 'vitest';
import { readPush } from '../apply/exchange.ts';
import { afterFetch, afterPush, backoffMs, type Network, NO_PAUSE, type Timing } from './network.ts';

const timing: Timing = { nowMs: 1_000, intervalMs: 30_000, random: () => 0 };
const pushing: Network = { is: 'pushing', sinceMs: 0, commit: 'c1' };
const ended = (exitCode: number | null, stdout: string, stderr = '') => ({ exitCode, stdout, stderr });

describe('a push', () => {
  test('is judged by its porcelain output alone', () => {
    expect(readPush(ended(0, 'To x\n \tc1:refs/heads/main\taaa..bbb\nDone\n'))).toEqual({ how: 'taken' });
    expect(readPush(ended(1, 'To x\n!\tc1:refs/heads/main\t[rejected] (fetch first)\nDone\n'))).toEqual({ how: 'moved' });
    const refused = readPush(ended(1, '!\tc1:refs/heads/main\t[remote rejected] (hook declined)\n', 'remote: no secrets\n'));
    expect(refused).toEqual({ how: 'refused', cause: 'no secrets (hook declined)' });
    expect(readPush(ended(128, '', 'fatal: [rejected] said somebody\n'))).toMatchObject({ how: 'unknown' });
    expect(readPush({ ...ended(null, ''), stopped: 'timed out' })).toMatchObject({ how: 'unknown' });
  });

  test('that was overtaken is followed by a fetch at once; a refused commit waits longer each time', () => {
    const moved = afterPush(pushing, NO_PAUSE, { how: 'moved' }, timing);
    expect(moved.network).toMatchObject({ is: 'idle', fetchDueMs: 1_000 });
    expect(moved.pause.notBeforeMs).toBe(1_100);
    const once = afterPush(pushing, NO_PAUSE, { how: 'refused', cause: 'no' }, timing);
    const twice = afterPush(pushing, once.pause, { how: 'refused', cause: 'no' }, timing);
    expect([once.pause.notBeforeMs, twice.pause.notBeforeMs]).toEqual([11_000, 21_000]);
    expect(twice.pause.refused).toEqual({ commit: 'c1', cause: 'no' });
    expect(afterPush(pushing, twice.pause, { how: 'taken' }, timing).pause).toBe(NO_PAUSE);
  });
});

test('a remote that stays away is asked more and more rarely, never less than every two minutes', () => {
  let network: Network = { is: 'idle', fetchDueMs: 0, fetchedMs: null };
  const waits: number[] = [];
  for (let failure = 0; failure < 12; failure++) {
    network = afterFetch(network, { ok: false, cause: 'gone' }, { ...timing, random: () => 1 });
    if (network.is === 'away') waits.push(network.retryMs - timing.nowMs);
  }
  expect(waits.slice(0, 3)).toEqual([3_000, 6_000, 12_000]);
  expect(waits.at(-1)).toBe(120_000);
  expect(backoffMs(1_000, { firstMs: 1, longestMs: 9 }, () => 0)).toBe(6);
});
