import { describe, expect, it } from 'vitest';
import {
  buildClaim,
  buildHeartbeat,
  buildKey,
  buildParked,
  buildTask,
  buildWaiting,
  keys,
  records,
  results,
  tasks,
  watch,
  workers,
} from './rig/worlds.ts';
import { planSweep } from './sweep.ts';
import type { View } from './view.ts';

const live = { workers: workers(buildHeartbeat('pi', 'beat')) };
const open = { tasks: tasks(buildTask('a')) };
const finished = { ...open, results: results('a') };

function sweep(parts: Partial<View>, views = 1, held: readonly string[] = []) {
  const { view, observations } = watch(
    Array.from({ length: views }, (_, index) => index * 1000),
    () => ({ ...live, ...parts }),
  );
  return planSweep(view, observations, new Set(held));
}
const nothing = { deletions: [], giveBacks: [], foldable: [], isUnsure: false };
const unsure = { ...nothing, isUnsure: true };

describe('a waiting record', () => {
  const waiting = { records: records(buildWaiting('a')) };

  it('is deleted when two views in a row show that its task has a result or was removed', () => {
    const deletion = { kind: 'record', id: 'a', oid: 'oid-waiting-a' };
    for (const parts of [{ ...waiting, ...finished }, waiting]) expect(sweep(parts)).toEqual(unsure);
    expect(sweep({ ...waiting, ...finished }, 2).deletions).toEqual([{ ...deletion, why: 'its task has a result' }]);
    expect(sweep(waiting, 2).deletions).toEqual([{ ...deletion, why: 'its task was removed' }]);
  });

  it('keeps its attempts where one view shows the branch of an earlier moment: before the file, or before a retry', () => {
    for (const earlier of [{}, finished]) {
      const { view, observations } = watch([0, 1000], (_, index) => ({ ...live, ...waiting, ...(index === 0 ? earlier : open) }));
      expect(planSweep(view, observations, new Set())).toEqual(nothing);
    }
  });

  it('is kept while its task is open', () => {
    expect(sweep({ ...waiting, ...open }, 5)).toEqual(nothing);
  });
});

describe('a claim', () => {
  const claim = buildClaim('a', 'pi');
  const claimed = { records: records(claim) };

  it('on a finished task is given back, by others once two views in a row showed both', () => {
    expect(sweep({ ...claimed, ...finished })).toEqual(nothing);
    expect(sweep({ ...claimed, ...finished }, 2)).toEqual({
      ...nothing,
      giveBacks: [{ id: 'a', oid: 'oid-claim-a', record: claim }],
    });
  });

  it('on a finished task is looked at again at once where its owner is not live', () => {
    const stopped = { workers: workers(buildHeartbeat('pi', 'beat', { state: 'stopped' })) };
    expect(sweep({ ...claimed, ...finished, ...stopped })).toEqual(unsure);
    expect(sweep({ ...claimed, ...finished, ...stopped }, 2).giveBacks).toHaveLength(1);
  });

  it('is left to its owner otherwise, also where the task was removed', () => {
    expect(sweep({ ...claimed, ...open }, 5)).toEqual(nothing);
    expect(sweep(claimed, 5)).toEqual(nothing);
  });

  it('is left to a live owner by the first view that shows a result, however long it was seen before', () => {
    const { view, observations } = watch([0, 1000, 2000], (_, index) => ({
      ...live,
      ...claimed,
      ...(index < 2 ? open : finished),
    }));
    expect(planSweep(view, observations, new Set())).toEqual(nothing);
  });

  it('that this worker holds is its own business', () => {
    expect(sweep({ ...claimed, ...finished }, 5, ['a'])).toEqual(nothing);
  });
});

describe('a parked result', () => {
  const parked = buildParked('a', 'pi', { key: { name: 'deploy', oid: 'oid-parked-a' } });
  const parts = { records: records(parked), keys: keys(buildKey('deploy', 'parked-a', 'a')) };

  it('may be folded by anyone after two views, or at once where its owner is not live', () => {
    const foldable = [{ id: 'a', held: { oid: 'oid-parked-a', value: parked } }];
    expect(sweep({ ...parts, ...open })).toEqual(nothing);
    expect(sweep({ ...parts, ...open }, 2)).toEqual({ ...nothing, foldable });
    expect(sweep({ ...parts, ...open, workers: new Map() })).toEqual({ ...nothing, foldable });
    const tombstone = { workers: workers(buildHeartbeat('pi', 'beat', { state: 'tombstone' })) };
    expect(sweep({ ...parts, ...open, ...tombstone })).toEqual({ ...nothing, foldable });
  });

  it('is folded and not thrown away where its task was removed', () => {
    expect(sweep(parts, 2)).toMatchObject({ deletions: [], foldable: [{ id: 'a' }] });
  });

  it('of a finished task is deleted with its key', () => {
    expect(sweep({ ...parts, ...finished }, 2).deletions).toEqual([
      { kind: 'record', id: 'a', oid: 'oid-parked-a', why: 'its task has a result' },
      { kind: 'key', hash: 'hash-deploy', oid: 'oid-parked-a', why: 'its task has a result' },
    ]);
  });

  it('is not thrown away by one view that shows an older result, whoever its owner is', () => {
    for (const owner of [live, { workers: new Map() }]) {
      const { view, observations } = watch([0, 1000, 2000], (_, index) => ({
        ...owner,
        ...parts,
        ...(index === 1 ? open : finished),
      }));
      expect(planSweep(view, observations, new Set())).toMatchObject({ deletions: [], foldable: [] });
    }
  });
});

describe('a key', () => {
  const key = { keys: keys(buildKey('deploy', 'gone', 'a')) };

  it('is deleted when no record had its nonce in three views', () => {
    expect(sweep(key, 2)).toEqual(nothing);
    expect(sweep(key, 3).deletions).toEqual([
      { kind: 'key', hash: 'hash-deploy', oid: 'oid-gone', why: 'no record held it in 3 views' },
    ]);
  });

  it('is kept while a claim has its nonce', () => {
    const claimed = { records: records(buildClaim('a', 'pi', { nonce: 'gone' })) };
    expect(sweep({ ...key, ...open, ...claimed }, 5)).toEqual(nothing);
  });
});
