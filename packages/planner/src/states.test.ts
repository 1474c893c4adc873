import type { ClaimedRecord, Heartbeat, Task } from '@errand/task';
import { describe, expect, it } from 'vitest';
import { noObservations, observe } from './observations.ts';
import * as build from './rig/worlds.ts';
import type { Self } from './self.ts';
import { describeTasks } from './states.ts';
import type { TaskFile, View } from './view.ts';

const { buildTask, buildHeartbeat, buildClaim } = build;
const pi = (changes: Partial<Heartbeat> = {}) => ({ workers: build.workers(buildHeartbeat('pi', 'p', changes)) });

function describeOne(
  changes: Partial<Task> | TaskFile,
  parts: Partial<View> = {},
  self: Self | null = null,
  finished?: Map<string, string>,
) {
  const file = 'parsed' in changes ? changes : buildTask('a', changes);
  const view = build.buildView({ tasks: build.tasks(file), ...parts });
  return describeTasks(view, observe(noObservations, view), self, build.nine, new Map(), finished)[0];
}

describe('an open task', () => {
  it('is queued where a running machine takes it', () => {
    expect(describeOne({}, pi())).toEqual({
      id: 'a',
      path: 'tasks/a.md',
      title: 'Title of a',
      state: 'queued',
      reason: 'a worker takes it at its next look',
      machine: 'any',
      attempt: 0,
      worker: null,
      started_at: null,
      tier: null,
    });
  });

  it.each([
    ['no worker runs', {}, {}, 'no worker is running: start one with `errand worker`'],
    [
      'its machine does not run',
      { machines: ['nas'] },
      pi(),
      'is for `nas`, which is not running: start `errand worker` there, or change `machine`',
    ],
    [
      'its machine has stopped',
      { machines: ['pi'] },
      pi({ state: 'stopped', at: '2026-11-20T08:12:44Z' }),
      'is for `pi`, which is not running (last heard of 2026-11-20 08:12 UTC): start `errand worker` there',
    ],
    [
      'its machines have stopped',
      { machines: ['pi', 'mac'] },
      pi({ state: 'stopped', at: '2026-11-20T08:12:44Z' }),
      'is for `pi` or `mac`, which are not running (`pi` last heard of 2026-11-20 08:12 UTC)',
    ],
    ['its machines do not run', { machines: ['nas', 'mac'] }, pi(), 'is for `nas` or `mac`, which are not running'],
    [
      'nobody offers what it needs',
      { needs: ['gpu'] },
      pi(),
      'needs `gpu`, which `pi` does not offer; no other running machine can take it',
    ],
    [
      'nobody can run its agent',
      { agent: 'codex' },
      pi(),
      'wants the agent `codex`, which `pi` cannot run; no other running machine can take it',
    ],
    ['all slots are taken', {}, pi({ slots: 0 }), 'waits for a free slot on `pi`'],
    [
      'only a default could make it a command',
      { agent: 'auto' },
      pi(),
      'names no agent: taken where `default_agent` is `command`, maybe `pi`',
    ],
  ])('is queued with the reason where %s', (_, task, parts, reason) => {
    const described = describeOne(task, parts);
    expect(described).toMatchObject({ state: 'queued' });
    expect(described?.reason).toContain(reason);
  });

  it('says that the queue’s file keeps its machine from work', () => {
    const view = build.buildView({ tasks: build.tasks(buildTask('a', { machines: ['pi'] })), ...pi() });
    const [described] = describeTasks(
      view,
      observe(noObservations, view),
      null,
      build.nine,
      new Map(),
      new Map(),
      new Set(['pi']),
    );
    expect(described?.reason).toBe(
      'is for `pi`, which config/errand.yaml keeps from work: remove `worker: false` there, or change `machine`',
    );
  });

  it('does not wait for a slot whose attempt has finished', () => {
    const claim = buildClaim('b', 'pi');
    const busy = (phase: 'running' | 'finished') => ({
      ...pi({ slots: 1, runs: [build.runOf(claim, phase)] }),
      records: build.records(claim),
    });
    expect(describeOne({}, busy('running'))?.reason).toContain('waits for a free slot');
    expect(describeOne({}, busy('finished'))?.reason).toBe('a worker takes it at its next look');
  });

  it('does not wait for a slot of which only an old heartbeat says that it is in use', () => {
    const beat = pi({ slots: 1, runs: [build.runOf(buildClaim('b', 'pi'))] });
    const gone: Partial<View>[] = [
      {},
      { results: build.results('b'), records: build.records(buildClaim('b', 'pi')) },
      { records: build.records(build.buildWaiting('b')) },
      { records: build.records(buildClaim('b', 'nas', { nonce: 'another' })) },
    ];
    for (const parts of gone) expect(describeOne({}, { ...beat, ...parts })?.reason).toBe('a worker takes it at its next look');
    const records = build.records(buildClaim('b', 'pi', { nonce: 'not announced yet' }));
    expect(describeOne({}, { ...beat, records })?.reason).toContain('waits for a free slot');
  });

  it('does not count on a machine whose heartbeat is old by the clock', () => {
    const old = pi({ at: '2026-11-19T09:00:00Z' });
    expect(describeOne({}, old)).toMatchObject({ reason: expect.stringContaining('no worker is running') });
  });

  it('counts on this machine where it is a worker', () => {
    expect(describeOne({ machines: ['laptop'] }, {}, build.buildSelf())).toMatchObject({ state: 'queued', machine: 'laptop' });
    expect(describeOne({ machines: ['laptop'] }, {}, build.buildSelf())?.reason).toBe('a worker takes it at its next look');
  });

  it.each([
    ['is on hold', { hold: true }, 'hold'],
    ['waits for its time', { notBefore: build.NINE + 1 }, 'not before'],
    ['waits for another task', { dependsOn: ['b'] }, 'does not exist'],
  ])('is waiting where it %s', (_, task, reason) => {
    expect(describeOne(task, pi())).toMatchObject({ state: 'waiting', reason: expect.stringContaining(reason) });
  });

  it('is waiting for its next try, with the tries and the tier so far', () => {
    const record = build.buildWaiting('a', {
      attempts: [build.buildEntry('failed', { attempt: 2 })],
      next: { wait_s: 40, tier: 'opus' },
    });
    expect(describeOne({}, { ...pi(), records: build.records(record) })).toMatchObject({
      state: 'waiting',
      reason: 'failed on `pi`: exit status 3; again in 40 s',
      attempt: 2,
      tier: 'opus',
    });
  });

  it('is queued where one machine must wait and another need not', () => {
    const record = build.buildWaiting('a', { next: { wait_s: 900, not_on: ['laptop'] } });
    const both = build.workers(buildHeartbeat('pi', 'p'), buildHeartbeat('laptop', 'l'));
    expect(describeOne({}, { workers: both, records: build.records(record) })).toMatchObject({ state: 'queued' });
    expect(describeOne({ machines: ['laptop'] }, { workers: both, records: build.records(record) })).toMatchObject({
      state: 'waiting',
    });
  });

  it('is waiting where its agent is paused on every machine', () => {
    const paused = pi({ agents: { command: { paused_until: '2026-11-20T10:00:00Z', reason: 'limit reached' } } });
    expect(describeOne({}, paused)).toMatchObject({
      state: 'waiting',
      reason: '`command` is paused on `pi` until 2026-11-20 10:00 UTC: limit reached; no other running machine can take it',
    });
  });

  it('is waiting where its record is of a newer version', () => {
    const unreadable = new Map([['refs/errand/tasks/a', { oid: 'x', reason: 'schema 2' }]]);
    expect(describeOne({}, { ...pi(), unreadable })).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('schema 2'),
    });
  });

  it('is invalid with the place and the remedy', () => {
    const reason = 'line 2, column 3: unknown key `kee`. Write `key`.';
    expect(describeOne(build.buildInvalid('a'))).toMatchObject({ state: 'invalid', title: 'a', machine: 'any', reason });
    expect(describeOne({ dependsOn: ['a'] })).toMatchObject({ state: 'invalid', reason: 'depends on itself: a → a' });
  });
});

describe('a task that a worker has', () => {
  const run = (claim: Partial<ClaimedRecord>, beat: Partial<Heartbeat> | null, file: TaskFile = buildTask('a')) => {
    const record = buildClaim('a', 'pi', claim);
    return describeOne(file, { records: build.records(record), ...(beat === null ? {} : pi(beat)) });
  };
  const runs = [{ ...build.runOf(buildClaim('a', 'pi')), started_at: '2026-11-20T08:59:00Z' }];

  it('is running, with who, since when and which attempt', () => {
    expect(run({ attempt: 2, tier: 'haiku' }, { runs })).toMatchObject({
      state: 'running',
      reason: 'runs on `pi`',
      worker: 'pi',
      attempt: 2,
      tier: 'haiku',
      started_at: '2026-11-20T08:59:00Z',
    });
  });

  it('is running since it was claimed where its start is not announced', () => {
    expect(run({}, {})).toMatchObject({ reason: 'claimed by `pi`', started_at: '2026-11-20T08:00:00Z' });
  });

  it('says that the file was edited since, and that it is not valid any more', () => {
    expect(run({}, { runs }, buildTask('a', {}, 'edited'))?.reason).toBe('runs on `pi`; edited since');
    const invalid = { ...build.buildInvalid('a'), blob: 'edited' };
    expect(run({}, { runs }, invalid)).toMatchObject({
      state: 'running',
      reason: expect.stringContaining('edited since, and not valid now: line 2'),
    });
  });

  it.each([
    [
      'has finished',
      { runs: [{ ...build.runOf(buildClaim('a', 'pi'), 'finished') }] },
      'finished on `pi`; its result is on the way',
    ],
    ['stopped', { state: 'stopped' as const }, 'claimed by `pi`, which is not running'],
    ['is long silent', { at: '2026-11-19T09:00:00Z' }, 'claimed by `pi`, not heard of since 2026-11-19 09:00 UTC'],
    ['has no heartbeat', null, 'claimed by `pi`, of which there is no heartbeat'],
  ])('says that its worker %s', (_, beat, reason) => {
    expect(run({}, beat)).toMatchObject({ state: 'running', reason: expect.stringContaining(reason) });
  });

  it.each([
    ['stopped', { state: 'stopped' as const }],
    ['is long silent', { at: '2026-11-19T09:00:00Z' }],
    ['has no heartbeat', null],
  ])('waits for its worker where no other may run it and it %s', (_, beat) => {
    expect(run({}, beat, buildTask('a', { machines: ['pi'] }))?.reason).toMatch(
      /^claimed by `pi`, .+: the task waits for it, since no other machine may run it$/,
    );
  });

  it('is running until its parked result is recorded', () => {
    expect(describeOne({}, { records: build.records(build.buildParked('a', 'pi')) })).toMatchObject({
      state: 'running',
      reason: 'finished on `pi` (done); its result is on the way into the branch',
    });
  });
});

describe('a finished task', () => {
  const finished = { results: build.results('a') };

  it('is not among the open ones', () => {
    expect(describeOne({}, finished)).toBeUndefined();
    expect(describeOne({}, finished, null, new Map([['a', 'blob-a']]))).toBeUndefined();
  });

  it('is reported where its file was changed, with what to do', () => {
    expect(describeOne({}, finished, null, new Map([['a', 'other']]))).toMatchObject({
      state: 'invalid',
      reason: '`a` finished on 2026-11-19: rename it, or `errand retry a`',
    });
  });
});

it('tasks are described by id', () => {
  const view = build.buildView({ tasks: build.tasks(buildTask('b'), buildTask('a')) });
  expect(describeTasks(view, observe(noObservations, view), null, build.nine, new Map()).map(({ id }) => id)).toEqual(['a', 'b']);
});
