import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noObservations, observe } from './observations.ts';
import {
  buildClaim,
  buildHeartbeat,
  buildKey,
  buildTask,
  buildWaiting,
  keys,
  records,
  runOf,
  tasks,
  watch,
  workers,
} from './rig/worlds.ts';
import { workerState } from './staleness.ts';

const pi = (nonce: string) => ({ workers: workers(buildHeartbeat('pi', nonce)) });

describe('a heartbeat that stands still', () => {
  it('is stale once it stood still for its ttl over views close together', () => {
    const { view, observations } = watch([0, 90_000, 180_000], () => pi('a'));
    expect(workerState(observations, view, 'pi')).toBe('stale');
  });

  it('is live one millisecond earlier', () => {
    const { view, observations } = watch([0, 90_000, 179_999], () => pi('a'));
    expect(workerState(observations, view, 'pi')).toBe('live');
  });

  it('is live after one look, however old it is', () => {
    const old = buildHeartbeat('pi', 'a', { at: '1999-01-01T00:00:00Z' });
    const { view, observations } = watch([1e9], () => ({ workers: workers(old) }));
    expect(workerState(observations, view, 'pi')).toBe('live');
  });

  it('starts its clock again when it changes', () => {
    const { view, observations } = watch([0, 90_000, 180_000, 270_000], (_, index) => pi(index < 2 ? 'a' : 'b'));
    expect(workerState(observations, view, 'pi')).toBe('live');
  });

  it('starts its clock again after a gap longer than half its ttl, however long it had stood still', () => {
    const { view, observations } = watch([0, 90_000, 180_000, 270_001], () => pi('a'));
    expect(workerState(observations, view, 'pi')).toBe('live');
  });

  it('is judged by the ttl that it announced itself', () => {
    const beat = { workers: workers(buildHeartbeat('pi', 'a', { ttl_s: 10 })) };
    const { view, observations } = watch([0, 5000, 10_000], () => beat);
    expect(workerState(observations, view, 'pi')).toBe('stale');
  });

  it('is never stale where any two views lie further apart than half the ttl', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 90_001, max: 10_000_000 }), { minLength: 1, maxLength: 20 }), (gaps) => {
        let at = 0;
        const times = [0, ...gaps.map((gap) => (at += gap))];
        const { view, observations } = watch(times, () => pi('a'));
        expect(workerState(observations, view, 'pi')).toBe('live');
      }),
    );
  });

  it('is stale exactly when the views since the last long gap or change span the ttl', () => {
    const step = fc.record({ gap: fc.integer({ min: 1, max: 120_000 }), beats: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let at = 0;
        let since = 0;
        let beat = 0;
        const seen = [{ at, beat }];
        for (const { gap, beats } of steps) {
          at += gap;
          if (beats) beat += 1;
          if (beats || gap > 90_000) since = at;
          seen.push({ at, beat });
        }
        const { view, observations } = watch(
          seen.map((one) => one.at),
          (_, index) => pi(`n${seen[index]?.beat}`),
        );
        expect(workerState(observations, view, 'pi')).toBe(at - since >= 180_000 ? 'stale' : 'live');
      }),
    );
  });
});

describe('the owner of a claim whose heartbeat is absent', () => {
  const claim = buildClaim('a', 'pi');
  const gone = { records: records(claim) };

  it('is watched for three minutes where no ttl was ever announced', () => {
    const { observations } = watch([0, 60_000], () => gone);
    expect(observations.workers.get('pi')).toEqual({ oid: null, since: 0, ttlMs: 180_000 });
  });

  it('is watched for the ttl it last announced', () => {
    const before = { ...gone, workers: workers(buildHeartbeat('pi', 'a', { ttl_s: 600 })) };
    const { observations } = watch([0, 10_000, 20_000], (_, index) => (index === 0 ? before : gone));
    expect(observations.workers.get('pi')).toEqual({ oid: null, since: 10_000, ttlMs: 600_000 });
  });

  it('is watched from the end of the fetch that first showed it: it may have beaten while that was under way', () => {
    const beating = { workers: workers(buildHeartbeat('pi', 'a')) };
    const { view, observations } = watch([0, 90_000, 180_000], (_, index) => ({
      ...beating,
      ...(index === 0 && { readAt: 20_000 }),
    }));
    expect([observations.workers.get('pi')?.since, workerState(observations, view, 'pi')]).toEqual([20_000, 'live']);
    const later = watch([0, 90_000, 180_000, 200_000], (_, index) => ({ ...beating, ...(index === 0 && { readAt: 20_000 }) }));
    expect(workerState(later.observations, later.view, 'pi')).toBe('stale');
  });

  it('starts again after a gap', () => {
    const { observations } = watch([0, 60_000, 160_000], () => gone);
    expect(observations.workers.get('pi')?.since).toBe(160_000);
  });

  it('is not absent where its heartbeat is merely not readable here', () => {
    const unreadable = new Map([['refs/errand/workers/pi', { oid: 'x', reason: 'schema 2' }]]);
    const { view, observations } = watch([0, 60_000, 120_000, 180_000], () => ({ ...gone, unreadable }));
    expect(workerState(observations, view, 'pi')).toBe('live');
    expect(observations.workers.has('pi')).toBe(false);
  });
});

describe('what else is watched', () => {
  const claim = buildClaim('a', 'pi');
  const seen = (beats: readonly string[], lists: readonly boolean[] = []) =>
    watch(
      beats.map((_, index) => index * 1000),
      (_, index) => ({
        records: records(claim),
        workers: workers(buildHeartbeat('pi', beats[index] ?? '', { runs: lists[index] ? [runOf(claim)] : [] })),
      }),
    ).observations.claims.get(claim.nonce)?.unlistedBy;

  it('collects the different heartbeats that came after a claim and do not list it', () => {
    expect(seen(['a', 'b', 'b', 'c', 'd'])).toEqual(['oid-b', 'oid-c']);
  });

  it('does not count the heartbeat that was there when the claim was first seen: it may be older', () => {
    expect(seen(['a', 'a', 'b'])).toEqual(['oid-b']);
  });

  it('forgets them when the claim is listed again', () => {
    expect(seen(['a', 'b', 'c', 'd'], [false, false, true, false])).toEqual(['oid-d']);
  });

  it('does not count tombstones', () => {
    const { observations } = watch([0, 1, 2, 3], (_, index) => ({
      records: records(claim),
      workers: workers(buildHeartbeat('pi', `t${index}`, { state: 'tombstone' })),
    }));
    expect(observations.claims.get(claim.nonce)?.unlistedBy).toEqual([]);
  });

  it('counts the time and the views of one record, and starts again with another oid', () => {
    const { observations } = watch([5, 10, 20, 30], (_, index) => ({
      records: records(buildWaiting('a', { nonce: index < 2 ? 'x' : 'y' })),
    }));
    expect(observations.records.get('a')).toMatchObject({ oid: 'oid-y', since: 20, views: 2 });
  });

  it('counts views in a row in which no record had a key’s nonce', () => {
    const key = keys(buildKey('deploy', 'claim-a', 'a'));
    const { observations } = watch([0, 1, 2, 3, 4], (_, index) => ({
      keys: key,
      ...(index === 1 ? { records: records(claim) } : {}),
    }));
    expect(observations.keys.get('hash-deploy')?.orphanViews).toBe(3);
  });

  it('never takes a key for an orphan whose record is not readable here', () => {
    const unreadable = new Map([['refs/errand/tasks/a', { oid: 'x', reason: 'schema 2' }]]);
    const { observations } = watch([0, 1, 2, 3], () => ({ keys: keys(buildKey('deploy', 'claim-a', 'a')), unreadable }));
    expect(observations.keys.get('hash-deploy')?.orphanViews).toBe(0);
  });

  it('counts a task’s wait from when it was first seen off hold, and on through edits', () => {
    const { observations } = watch([0, 10, 20, 30], (_, index) => ({
      tasks: tasks(buildTask('a', { hold: index === 0 }, `blob-${index}`)),
    }));
    expect(observations.tasks.get('a')).toBe(10);
  });

  it('changes nothing when the same view comes twice, or an older one', () => {
    const { view, observations } = watch([0, 1000], () => ({ records: records(claim) }));
    expect(observe(observations, view)).toBe(observations);
    expect(observe(observations, { ...view, seq: 1 })).toBe(observations);
  });

  it('leaves the observations before it as they were', () => {
    const before = JSON.stringify(noObservations);
    watch([0, 1000], () => ({ records: records(claim), ...pi('a') }));
    expect(JSON.stringify(noObservations)).toBe(before);
    expect(noObservations.workers.size).toBe(0);
  });
});
