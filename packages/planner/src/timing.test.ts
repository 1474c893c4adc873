import { describe, expect, it } from 'vitest';
import { buildClaim, buildHeartbeat, buildView, buildWaiting, NINE, records, workers } from './rig/worlds.ts';
import { longestPollMs, nextWake } from './timing.ts';
import type { Waiting } from './waiting.ts';

const wait = (times: Partial<Waiting>): Waiting => ({ kind: 'retry', text: '', ...times });
const now = { wallMs: NINE, elapsedMs: 1000 };

describe('the next wake-up', () => {
  it('is the first of all times, wall clock times turned into elapsed ones', () => {
    expect(nextWake([wait({ until: NINE + 50, dueAt: 2000 }), wait({ dueAt: 1020 })], now)).toBe(1020);
    expect(nextWake([wait({ until: NINE + 50, dueAt: 2000 })], now)).toBe(1050);
  });

  it('is now where a time is past, and never where time ends no wait', () => {
    expect(nextWake([wait({ dueAt: 5 })], now)).toBe(1000);
    expect(nextWake([wait({ until: NINE - 50 })], now)).toBe(1000);
    expect(nextWake([wait({})], now)).toBeNull();
    expect(nextWake([], now)).toBeNull();
  });
});

describe('the longest pause between two looks', () => {
  const ofPi = buildClaim('a', 'pi');

  it('is under half the shortest ttl among the owners of others’ claims', () => {
    const owners = workers(buildHeartbeat('pi', 'p', { ttl_s: 600 }), buildHeartbeat('nas', 'n', { ttl_s: 100 }));
    const view = buildView({ workers: owners, records: records(ofPi, buildClaim('b', 'nas')) });
    expect(longestPollMs(view, 'laptop')).toBe(40_000);
    expect(longestPollMs(view, 'nas')).toBe(240_000);
  });

  it('is that of three minutes where an owner has no heartbeat', () => {
    expect(longestPollMs(buildView({ records: records(ofPi) }), 'laptop')).toBe(72_000);
  });

  it('is nobody’s concern without another’s claim', () => {
    expect(longestPollMs(buildView({ records: records(ofPi, buildWaiting('b')) }), 'pi')).toBeNull();
  });
});
