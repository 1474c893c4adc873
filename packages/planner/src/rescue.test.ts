import type { ClaimedRecord } from '@errand/task';
import { describe, expect, it } from 'vitest';
import { planRescues } from './rescue.ts';
import {
  buildClaim,
  buildEntry,
  buildHeartbeat,
  buildInvalid,
  buildTask,
  records,
  results,
  runOf,
  tasks,
  watch,
  workers,
} from './rig/worlds.ts';
import type { TaskFile, View } from './view.ts';

const self = { machine: 'laptop', boot: 'boot-laptop' };
const claim = buildClaim('a', 'pi');
const threeMinutes = [0, 60_000, 120_000, 180_000];

/** What is rescued when `pi`, with this heartbeat, has claimed `a` and stands still for three minutes. */
function rescued(changes: {
  beat?: Parameters<typeof buildHeartbeat>[2] | null;
  claim?: Partial<ClaimedRecord>;
  file?: TaskFile | null;
  at?: number[];
  more?: Partial<View>;
}) {
  const file = changes.file === undefined ? buildTask('a') : changes.file;
  const { view, observations } = watch(changes.at ?? threeMinutes, () => ({
    tasks: file === null ? new Map() : tasks(file),
    records: records({ ...claim, ...changes.claim }),
    workers: changes.beat === null ? new Map() : workers(buildHeartbeat('pi', 'beat', { runs: [runOf(claim)], ...changes.beat })),
    ...changes.more,
  }));
  return planRescues(view, observations, self);
}

describe('a claim of another machine', () => {
  it('is freed when its owner’s heartbeat stood still for its ttl, on the proof of that heartbeat', () => {
    expect(rescued({})).toEqual([
      {
        machine: 'pi',
        heartbeatOid: 'oid-beat',
        boot: 'boot-pi',
        tombstone: true,
        claims: [{ id: 'a', oid: 'oid-claim-a', record: claim, reason: 'stale', giveUp: false }],
      },
    ]);
  });

  it('is left alone while that is not so', () => {
    expect(rescued({ at: [0, 60_000, 120_000] })).toEqual([]);
    expect(rescued({ at: [0, 60_000, 120_000, 300_000] })).toEqual([]);
  });

  it.each(['tombstone', 'stopped'] as const)('is freed at once where its owner left a %s', (state) => {
    const [rescue] = rescued({ beat: { state, runs: [] }, at: [0] });
    expect(rescue).toMatchObject({ tombstone: true, heartbeatOid: 'oid-beat', claims: [{ reason: state }] });
  });

  it('is freed when there was no heartbeat for three minutes', () => {
    expect(rescued({ beat: null, at: [0, 60_000, 120_000] })).toEqual([]);
    expect(rescued({ beat: null })).toMatchObject([
      { heartbeatOid: null, boot: 'boot-pi', tombstone: true, claims: [{ reason: 'absent' }] },
    ]);
  });

  it('waits for its owner where only that machine may run the task', () => {
    expect(rescued({ file: buildTask('a', { machines: ['pi'] }) })).toEqual([]);
    expect(rescued({ file: buildTask('a', { machines: ['pi', 'nas'] }) })).toHaveLength(1);
  });

  it('is freed where the task’s file is gone, invalid or finished, and never given up', () => {
    const lost = { attempts: [buildEntry('lost', { task: 'blob-a' })] };
    for (const changes of [{ file: null }, { file: buildInvalid('b') }, { more: { results: results('a') } }]) {
      expect(rescued({ ...changes, claim: lost })).toMatchObject([{ claims: [{ giveUp: false }] }]);
    }
  });

  it('is left alone where its owner’s heartbeat is of a newer version', () => {
    const unreadable = new Map([['refs/errand/workers/pi', { oid: 'x', reason: 'schema 2' }]]);
    expect(rescued({ beat: null, more: { unreadable } })).toEqual([]);
  });

  it('is freed together with every other of that machine, by id', () => {
    const more = { tasks: tasks(buildTask('b'), buildTask('a')), records: records(buildClaim('b', 'pi'), claim) };
    expect(rescued({ more })[0]?.claims.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('is given up at the second loss in a row', () => {
    expect(rescued({ claim: { attempts: [buildEntry('lost', { task: 'blob-a' })] } })).toMatchObject([
      { claims: [{ giveUp: true }] },
    ]);
  });

  it('is given up where its tries are used up, and not where the task was edited since', () => {
    expect(rescued({ file: buildTask('a', { retries: 0 }) })).toMatchObject([{ claims: [{ giveUp: true }] }]);
    expect(rescued({ file: buildTask('a', { retries: 0 }, 'edited') })).toMatchObject([{ claims: [{ giveUp: false }] }]);
  });
});

describe('a claim that its owner does not list', () => {
  const unlisted = (
    beats: readonly string[],
    changes: Partial<ClaimedRecord> = {},
    listedLast = false,
    machine: 'any' | string[] = 'any',
  ) => {
    const owned = { ...claim, ...changes };
    const { view, observations } = watch(
      beats.map((_, index) => index * 1000),
      (_, index) => ({
        tasks: tasks(buildTask('a', { machines: machine })),
        records: records(owned),
        workers: workers(
          buildHeartbeat(owned.worker, beats[index] ?? '', {
            runs: listedLast && index === beats.length - 1 ? [runOf(owned)] : [],
          }),
        ),
      }),
    );
    return planRescues(view, observations, self);
  };

  it('is freed after two different heartbeats, and the heartbeat is left alone', () => {
    expect(unlisted(['a', 'b'])).toEqual([]);
    expect(unlisted(['a', 'b', 'c'])).toMatchObject([{ tombstone: false, claims: [{ reason: 'unlisted' }] }]);
  });

  it('is kept where the last heartbeat lists it after all', () => {
    expect(unlisted(['a', 'b', 'c', 'd'], {}, true)).toEqual([]);
  });

  it('is freed by the machine itself where an earlier boot left it, and never where this boot made it', () => {
    expect(unlisted(['a', 'b', 'c'], { worker: 'laptop', boot: 'earlier' })).toMatchObject([
      { machine: 'laptop', tombstone: false },
    ]);
    expect(unlisted(['a', 'b', 'c'], { worker: 'laptop', boot: 'boot-laptop' })).toEqual([]);
  });

  it('is freed by the machine itself, but by no other, where only that machine may run the task', () => {
    expect(unlisted(['a', 'b', 'c'], { worker: 'laptop', boot: 'earlier' }, false, ['laptop'])).toHaveLength(1);
    expect(unlisted(['a', 'b', 'c'], {}, false, ['pi'])).toEqual([]);
  });
});

it('waiting and parked records are nobody’s to rescue', () => {
  const { view, observations } = watch(threeMinutes, () => ({
    workers: workers(buildHeartbeat('pi', 'a', { state: 'tombstone' })),
  }));
  expect(planRescues(view, observations, self)).toEqual([]);
});
