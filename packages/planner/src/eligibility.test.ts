import type { Outcome, Task, WaitingNext } from '@errand/task';
import { describe, expect, it } from 'vitest';
import { resultsToRead } from './dependencies.ts';
import { eligibility } from './eligibility.ts';
import type { PlanInput } from './plan-input.ts';
import * as build from './rig/worlds.ts';
import type { Self } from './self.ts';
import type { TaskFile, View } from './view.ts';
import type { Waiting } from './waiting.ts';

const { buildTask, buildSelf, NINE } = build;

/** What keeps `a` from running on `laptop`, or null. */
function waitOf(
  changes: Partial<Task> | TaskFile = {},
  parts: Partial<View> = {},
  input: Partial<PlanInput> = {},
): Waiting | null {
  const file = 'parsed' in changes ? changes : buildTask('a', changes);
  const view = build.buildView({ ...parts, tasks: new Map([...(parts.tasks ?? []), [file.id, file]]) });
  const judged = eligibility(file, build.buildInput(view, input));
  return judged.ok ? null : judged.waiting;
}

describe('a task that nothing keeps', () => {
  it('is eligible', () => {
    expect(waitOf()).toBeNull();
  });
});

describe('a task that is taken', () => {
  it('waits for the machine that has claimed it', () => {
    expect(waitOf({}, { records: build.records(build.buildClaim('a', 'pi', { attempt: 2 })) })).toMatchObject({
      kind: 'claimed-elsewhere',
      text: '`pi` has claimed it (attempt 2)',
    });
  });

  it('is running where this machine holds or has claimed it', () => {
    expect(waitOf({}, { records: build.records(build.buildClaim('a', 'laptop')) })).toMatchObject({ kind: 'running' });
    expect(waitOf({}, {}, { self: buildSelf({ held: new Set(['a']) }) })).toMatchObject({ kind: 'running' });
  });

  it('is parked or finished', () => {
    expect(waitOf({}, { records: build.records(build.buildParked('a', 'pi')) })).toMatchObject({ kind: 'parked' });
    expect(waitOf({}, { results: build.results('a') })).toMatchObject({ kind: 'finished' });
  });

  it('is left alone where its record is of a newer version, held or not', () => {
    const unreadable = new Map([['refs/errand/tasks/a', { oid: 'x', reason: 'schema 2' }]]);
    const wait = { kind: 'unreadable', text: 'its record cannot be read (schema 2): update errand here' };
    expect(waitOf({}, { unreadable }, { self: buildSelf({ held: new Set(['a']) }) })).toEqual(wait);
  });
});

describe('a task whose file is not valid', () => {
  it('says where and what to do', () => {
    expect(waitOf(build.buildInvalid('a'))).toEqual({
      kind: 'invalid',
      text: 'line 2, column 3: unknown key `kee`. Write `key`.',
    });
  });

  it('names the cycle that it is in', () => {
    expect(waitOf({ dependsOn: ['b'] }, { tasks: build.tasks(buildTask('b', { dependsOn: ['a'] })) })).toEqual({
      kind: 'invalid',
      text: 'depends on itself: a → b → a',
    });
  });
});

describe('a task that is not to run yet', () => {
  it('is on hold until its file says otherwise', () => {
    const text = 'on hold: `errand edit a --no-hold` lets it run';
    expect(waitOf({ hold: true })).toEqual({ kind: 'hold', text });
  });

  it('waits for its time by the wall clock', () => {
    const wait = { kind: 'not-before', text: 'not before 2026-11-20 09:01 UTC', until: NINE + 60_000 };
    expect(waitOf({ notBefore: NINE + 60_000 })).toEqual(wait);
    expect(waitOf({ notBefore: NINE })).toBeNull();
  });

  it('is held where the branch was moved back', () => {
    const wait = waitOf({}, {}, { self: buildSelf({ rolledBack: new Set(['a']) }) });
    expect(wait).toMatchObject({ kind: 'rolled-back', text: expect.stringContaining('`errand retry a`') });
  });
});

describe('a task that depends on others', () => {
  const onB = { dependsOn: ['b'] };
  const withResult = (state?: 'done' | 'failed' | 'cancelled') =>
    waitOf(onB, { results: build.results('b') }, state === undefined ? {} : { resultStates: new Map([['b', state]]) });

  it('waits until they are done', () => {
    expect(waitOf(onB, { tasks: build.tasks(buildTask('b')) })).toEqual({ kind: 'depends-on', text: 'waits for `b`' });
    expect(withResult('done')).toBeNull();
  });

  it('says that one failed or was cancelled, when, and what to do', () => {
    expect(withResult('failed')).toEqual({
      kind: 'depends-on',
      text: '`b` failed on 2026-11-19: retry it (`errand retry b`), or remove it from depends_on',
      failed: true,
    });
    expect(withResult('cancelled')).toMatchObject({
      text: expect.stringContaining('`b` was cancelled on 2026-11-19'),
      failed: true,
    });
  });

  it('says that one does not exist', () => {
    expect(waitOf(onB)).toMatchObject({
      text: expect.stringContaining('`b`, which does not exist: add `tasks/b.md`'),
      failed: true,
    });
  });

  it('says that one is invalid or in a cycle', () => {
    const wait = { text: 'depends on `b`, which is invalid: mend `tasks/b.md` first', failed: true };
    expect(waitOf(onB, { tasks: build.tasks(build.buildInvalid('b')) })).toMatchObject(wait);
    expect(waitOf(onB, { tasks: build.tasks(buildTask('b', { dependsOn: ['b'] })) })).toMatchObject(wait);
  });

  it('says that a result could not be read', () => {
    expect(withResult()).toEqual({
      kind: 'depends-on',
      text: 'waits for `b`, whose result `results/2026-11-19/b.md` could not be read',
    });
  });

  it('names what needs a person before what comes by itself', () => {
    const parts = { tasks: build.tasks(buildTask('b')) };
    expect(waitOf({ dependsOn: ['b', 'c'] }, parts)).toMatchObject({ text: expect.stringContaining('`c`'), failed: true });
    expect(waitOf({ dependsOn: ['b', 'd'] }, { tasks: build.tasks(buildTask('b'), buildTask('d')) })).toMatchObject({
      text: 'waits for `b` and `d`',
    });
  });

  it('needs only those results read that open tasks depend on', () => {
    const all = build.tasks(buildTask('a', { dependsOn: ['b', 'x'] }), buildTask('f', { dependsOn: ['c'] }));
    const view = build.buildView({ tasks: all, results: build.results('b', 'c', 'f') });
    expect(resultsToRead(view).map(({ id }) => id)).toEqual(['b']);
  });
});

describe('a task that this machine cannot take', () => {
  const pi = (changes = {}) => ({ workers: build.workers(build.buildHeartbeat('pi', 'p', changes)) });

  it('is for other machines', () => {
    expect(waitOf({ machines: ['pi', 'nas'] })).toEqual({ kind: 'machine', text: 'is for `pi` or `nas`, not for `laptop`' });
    expect(waitOf({ machines: ['nas', 'laptop'] })).toBeNull();
  });

  it('needs what it does not offer, and says who offers it', () => {
    expect(waitOf({ needs: ['docker'] }, pi({ capabilities: ['docker'] }))).toEqual({
      kind: 'needs',
      text: 'needs `docker`, which `laptop` does not offer; `pi` can take it',
    });
    expect(waitOf({ needs: ['docker'] }, {}, { self: buildSelf({ capabilities: ['docker'] }) })).toBeNull();
  });

  it('wants an agent that no machine can run', () => {
    expect(waitOf({ agent: 'codex' }, pi())).toEqual({
      kind: 'agent',
      text: 'wants the agent `codex`, which `laptop` cannot run; and no other running machine can take it',
    });
  });

  it('names no agent where this machine has no default, even if it can run commands', () => {
    const none = buildSelf({ defaultAgent: null });
    expect(waitOf({ agent: 'auto' }, {}, { self: none })).toMatchObject({
      kind: 'agent',
      text: expect.stringContaining('`default_agent`'),
    });
    expect(waitOf({ agent: 'auto' })).toBeNull();
    expect(waitOf({ agent: 'auto' }, {}, { self: buildSelf({ defaultAgent: 'claude' }) })).toMatchObject({ kind: 'agent' });
  });

  it('waits while its agent is paused here', () => {
    const paused = (until: number) => ({
      self: buildSelf({ paused: new Map([['command', { until, reason: 'limit reached' }]]) }),
    });
    expect(waitOf({}, {}, paused(NINE + 1))).toMatchObject({
      kind: 'paused',
      until: NINE + 1,
      text: expect.stringContaining('limit reached'),
    });
    expect(waitOf({}, {}, paused(NINE))).toBeNull();
    const forGood = waitOf({}, {}, paused(Number.POSITIVE_INFINITY));
    expect(forGood).toMatchObject({ kind: 'paused', text: expect.stringContaining('until further notice') });
    expect(forGood).not.toHaveProperty('until');
  });
});

describe('a task that is to be tried again', () => {
  const later = '2026-11-20T09:00:40Z';
  const retry = (next: WaitingNext, { parts = {}, elapsedMs = 0, wallMs = NINE, blob = 'blob-a' } = {}) =>
    waitOf(
      buildTask('a', {}, blob),
      { ...parts, records: build.records(build.buildWaiting('a', { next })) },
      { now: { wallMs, elapsedMs } },
    );

  it('waits for its time, and says why and how long', () => {
    expect(retry({ retry_at: later, wait_s: 50 })).toEqual({
      kind: 'retry',
      text: 'failed on `pi`: exit status 3; again in 40 s',
      until: NINE + 40_000,
      dueAt: 50_000,
    });
  });

  it('is due when the wall clock has come there', () => {
    expect(retry({ retry_at: later, wait_s: 50 }, { wallMs: NINE + 40_000 })).toBeNull();
  });

  it('is due when this observer has seen the record for that long, whatever the wall clock says', () => {
    expect(retry({ retry_at: '2099-01-01T00:00:00Z', wait_s: 50 }, { elapsedMs: 49_999 })).not.toBeNull();
    expect(retry({ retry_at: '2099-01-01T00:00:00Z', wait_s: 50 }, { elapsedMs: 50_000 })).toBeNull();
  });

  it('is due at once without a time, or with one that is none', () => {
    expect(retry({})).toBeNull();
    expect(retry({ retry_at: 'soon' })).toBeNull();
  });

  it('is due at once when the task was edited', () => {
    expect(retry({ retry_at: later, not_on: ['laptop'] }, { blob: 'edited' })).toBeNull();
  });

  it('is due at once for machines that are not set aside, and not for those that are', () => {
    expect(retry({ retry_at: later, not_on: ['pi'] })).toBeNull();
    expect(retry({ retry_at: later, not_on: ['laptop'] })).toMatchObject({ kind: 'retry' });
    expect(retry({ retry_at: later, not_on: ['laptop'] }, { wallMs: NINE + 40_000 })).toBeNull();
  });

  it('without a time is left to others as long as a live one can take it', () => {
    const pi = { workers: build.workers(build.buildHeartbeat('pi', 'p')) };
    expect(retry({ not_on: ['laptop'] }, { parts: pi })).toMatchObject({ text: expect.stringContaining('left to `pi`') });
    expect(retry({ not_on: ['laptop', 'pi'] }, { parts: pi })).toBeNull();
    expect(retry({ not_on: ['laptop'] })).toBeNull();
    const limited = { workers: build.workers(build.buildHeartbeat('pi', 'p', { agents: { command: { reason: 'limit' } } })) };
    expect(retry({ not_on: ['laptop'] }, { parts: limited })).toBeNull();
  });

  it('is due at once on the machine that had a limit or no login, when its agent is not paused there any more', () => {
    const paused = new Map([['command', { until: NINE + 40_000, reason: '429' }]]);
    const wait = (outcome: Outcome, self: Partial<Self> = {}) => {
      const next = { retry_at: later, not_on: ['laptop'] };
      const attempts = [build.buildEntry(outcome, { worker: 'laptop', agent: 'command' })];
      const records = build.records(build.buildWaiting('a', { next, attempts }));
      return waitOf(buildTask('a', {}, 'blob-a'), { records }, { self: build.buildSelf(self) });
    };
    expect(wait('auth')).toBeNull();
    expect(wait('rate-limited')).toBeNull();
    expect(wait('unavailable')).toMatchObject({ kind: 'retry' });
    expect(wait('auth', { paused })).toMatchObject({ kind: 'paused' });
  });

  it('is left for a minute to the machine that can go on with its session, while that one lives', () => {
    const pi = { workers: build.workers(build.buildHeartbeat('pi', 'p')) };
    const session = { id: 'b6f1', worker: 'pi' };
    expect(retry({ session }, { parts: pi })).toMatchObject({
      text: expect.stringContaining('left to `pi`, which has its session'),
    });
    expect(retry({ session }, { parts: pi, elapsedMs: 60_000 })).toBeNull();
    expect(retry({ session })).toBeNull();
    expect(retry({ session: { ...session, worker: 'laptop' } }, { parts: pi })).toBeNull();
    expect(retry({ session, not_on: ['pi'] }, { parts: pi })).toBeNull();
  });
});

describe('a task with a key', () => {
  const deploy = { key: 'deploy' };
  const text = 'waits for the key `deploy`, which `b` on `pi` holds';

  it('waits while a claim or a parked result holds the key', () => {
    const key = { name: 'deploy', oid: 'x' };
    expect(waitOf(deploy, { records: build.records(build.buildClaim('b', 'pi', { key })) })).toEqual({ kind: 'key', text });
    expect(waitOf(deploy, { records: build.records(build.buildParked('b', 'pi', { key })) })).toEqual({ kind: 'key', text });
  });

  it('waits while the key’s ref exists, even without its claim', () => {
    expect(waitOf(deploy, { keys: build.keys(build.buildKey('deploy', 'n', 'b')) })).toEqual({ kind: 'key', text });
  });

  it('waits while a key of a newer version may be this one', () => {
    const unreadable = new Map([['refs/errand/keys/abc', { oid: 'x', reason: 'schema 2' }]]);
    expect(waitOf(deploy, { unreadable })).toMatchObject({
      kind: 'key',
      text: expect.stringContaining('`refs/errand/keys/abc`'),
    });
    expect(waitOf({}, { unreadable })).toBeNull();
  });

  it('does not wait for another key', () => {
    expect(waitOf(deploy, { keys: build.keys(build.buildKey('other', 'n', 'b')) })).toBeNull();
  });
});
