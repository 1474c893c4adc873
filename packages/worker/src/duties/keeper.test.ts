import { keyHash, keyRef, parkResult, taskRef, workerRef } from '@errand/queue';
import { type AttemptEntry, type Result, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recoverJournal } from '../recovery.ts';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
import { Keeper } from './keeper.ts';
import { Releaser } from './releaser.ts';

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  await fleet.addTasks('a');
  pi = await fleet.boot('pi');
});
afterEach(() => fleet[Symbol.asyncDispose]());

const keep = (machine = pi) => machine.round(new Keeper(machine.context));
const claim = (machine = pi) => machine.round(new Claimer(machine.context));
const phases = (machine = pi) => machine.context.held.all().map(({ id, phase }) => `${id} ${phase.name}`);
const whyBack = () => pi.context.held.in('giving-back').map(({ phase }) => phase.why);

/** Claims `a`, verifies it and starts it. */
async function run(): Promise<void> {
  await claim();
  await keep();
  expect(phases()).toEqual(['a running']);
}

test('a claim that a later view shows with its heartbeat, its task and the same blob is started', async () => {
  await run();
  expect(pi.told('verified')).toEqual([{ type: 'verified', id: 'a', attempt: 1 }]);
  expect(pi.runner.get('a').work).toMatchObject({ task: { prompt: 'Do a.' }, othersMayRun: true });
});

test('a view that was fetched before the push ended decides nothing', async () => {
  const before = await pi.look();
  await pi.beat();
  fleet.clock.advance(10);
  await new Claimer(pi.context).tend(before);
  await new Keeper(pi.context).tend(before);
  expect(phases()).toEqual(['a claiming']);
  await keep();
  expect(phases()).toEqual(['a running']);
});

test('a claim is not started from a view that is as old as half a lease: a rescuer may have been there since', async () => {
  await claim();
  const view = await pi.look();
  fleet.clock.advance(pi.context.machine.lease.ttlMs / 2);
  await new Keeper(pi.context).tend(view);
  expect([phases(), pi.runner.started]).toEqual([['a claiming'], []]);
  await pi.beat();
  await keep();
  expect(phases()).toEqual(['a running']);
});

test('nor from a view of before a sleep, though a beat was accepted since: only one that was fetched after that beat counts', async () => {
  await claim();
  const view = await pi.look();
  fleet.clock.advance(10 * pi.context.machine.lease.ttlMs);
  await pi.beat();
  await new Keeper(pi.context).tend(view);
  expect(phases()).toEqual(['a claiming']);
  await keep();
  expect(phases()).toEqual(['a running']);
});

test('a result of mine that one view shows neither parked nor recorded, as the branch in it is older, is not taken for lost', async () => {
  await run();
  await pi.runner.end('a');
  const keeper = new Keeper(pi.context);
  const record = need(fleet.remote.refs, taskRef('a'));
  for (let again = 0; again < 2; again++) {
    fleet.remote.refs.delete(taskRef('a'));
    await pi.round(keeper);
    expect([phases(), pi.context.wakeups.leftMs()]).toEqual([['a concluded'], 0]);
    fleet.remote.refs.set(taskRef('a'), record);
    await pi.round(keeper);
  }
  fleet.remote.refs.delete(taskRef('a'));
  for (let again = 0; again < 2; again++) await pi.round(keeper);
  expect([phases(), pi.told('fenced')]).toMatchObject([[], [{ id: 'a' }]]);
});

test('a claim that did not arrive is let go, and given back when it is applied late', async () => {
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.holdNextPush();
  await new Claimer(pi.context).tend(view);
  await keep();
  expect(phases()).toEqual([]);
  fleet.remote.deliverHeld();
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(pi.told('given-back')).toEqual([{ type: 'given-back', id: 'a', why: 'left over by this worker' }]);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim whose answer was lost goes on as soon as a view shows it', async () => {
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.loseNextAnswer();
  await new Claimer(pi.context).tend(view);
  await keep();
  expect(phases()).toEqual(['a running']);
});

test('a claim that no accepted heartbeat lists is given back', async () => {
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.hook = ({ ref }) => (ref === workerRef('pi') ? 'not now' : null);
  await new Claimer(pi.context).tend(view);
  fleet.remote.hook = () => null;
  await keep();
  expect(whyBack()).toEqual(['no heartbeat of mine lists it']);
});

test.each([
  ['its task was removed', { 'tasks/a.md': null }],
  ['its task was edited', { 'tasks/a.md': taskText('a', 'priority: 1\n') }],
  ['it has a result already', { 'results/2026-11-20/a.md': 'by somebody' }],
])('a claim is given back before it starts when %s', async (why, files) => {
  await claim();
  await fleet.commit(files);
  await keep();
  expect(whyBack()).toEqual([why]);
  expect(pi.runner.started).toEqual([]);
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim is given back when the branch was moved back under it, or the worker is stopping', async () => {
  await claim();
  const view = await pi.look();
  pi.context.movedBack = new Set(['a']);
  await new Keeper(pi.context).tend(view);
  expect(whyBack()).toEqual(['the branch was moved back']);
  await pi.round(new Releaser(pi.context));
  await claim();
  pi.context.claiming = false;
  await keep();
  expect(whyBack()).toEqual(['the worker is stopping']);
});

test('a running attempt ends when its task is removed, and goes on when it is edited', async () => {
  await run();
  await fleet.commit({ 'tasks/a.md': taskText('a', 'priority: 1\n') });
  await keep();
  expect(pi.runner.get('a').run.stops).toEqual([]);
  await fleet.commit({ 'tasks/a.md': null });
  await keep();
  expect(pi.runner.get('a').run.stops).toEqual(['cancelled']);
});

test('a running attempt whose record is gone, or whose task has a result, is fenced', async () => {
  await run();
  await fleet.commit({ 'results/2026-11-20/a.md': 'x' });
  await keep();
  fleet.remote.refs.delete(taskRef('a'));
  await keep();
  expect(pi.runner.get('a').run.stops).toEqual(['fenced', 'fenced']);
});

test('a frozen attempt goes on when the worker is in touch again, and not before', async () => {
  await run();
  const { run: switches } = pi.runner.get('a');
  switches.frozen = true;
  fleet.clock.advance(120_000);
  await keep();
  expect([switches.frozen, pi.told('thawed')]).toEqual([true, []]);
  await pi.beat();
  await keep();
  expect([switches.frozen, pi.told('thawed')]).toEqual([false, [{ type: 'thawed', id: 'a' }]]);
  // Once for the claim that was verified, once before the thaw.
  expect(pi.runner.ticks).toBe(2);
});

test('a frozen attempt that is no longer this worker’s is ended and not thawed', async () => {
  await run();
  const { run: switches } = pi.runner.get('a');
  switches.frozen = true;
  fleet.remote.refs.delete(taskRef('a'));
  await pi.beat();
  await keep();
  expect([switches.frozen, switches.stops]).toEqual([true, ['fenced']]);
});

/** A worker that died while `a` ran, and its next boot with the journal taken up. */
async function dieWhileRunning(): Promise<void> {
  await run();
  const { held } = pi.runner.get('a');
  const { id, nonce, attempt } = held;
  const startedAt = '2026-11-20T09:00:00.000Z';
  await pi.context.journal.write({ id, nonce, attempt, boot: pi.context.boot, startedAt, unit: null, conclusion: null });
  pi = await fleet.boot('pi');
  await recoverJournal(pi.context);
}

test('what ran when the worker died is lost: it waits, due at once, with the attempt in its history', async () => {
  await dieWhileRunning();
  expect(phases()).toEqual(['a lost']);
  await keep();
  expect(phases()).toEqual(['a concluded']);
  expect((await pi.context.journal.read())[0]?.conclusion).toMatchObject({
    kind: 'waiting',
    attempts: [{ outcome: 'lost', attempt: 1 }],
  });
  await pi.round(new Releaser(pi.context));
  const record = need((await fleet.view()).records, 'a').value;
  expect(record).toMatchObject({ state: 'waiting', attempts: [{ outcome: 'lost', worker: 'pi' }] });
  expect(await pi.context.journal.read()).toEqual([]);
});

test('the second loss in a row is a failed result: a task that kills its worker must not wander', async () => {
  await dieWhileRunning();
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  await dieWhileRunning();
  await keep();
  const [concluded] = pi.context.held.in('concluded');
  expect(concluded?.phase.conclusion).toMatchObject({ kind: 'result', result: { state: 'failed' } });
});

test('a lost attempt is concluded only when its task can be read, for its result must tell it word for word', async () => {
  await dieWhileRunning();
  const view = await pi.look();
  const { port } = pi.context.queue;
  const { read, fetchBlobs } = port;
  const blob = need(view.tasks, 'a').blob;
  port.read = async (oid) => (oid === blob ? null : read.call(port, oid));
  port.fetchBlobs = async () => ({ ok: false, cause: { kind: 'unreachable', message: 'reset' } });
  await new Keeper(pi.context).tend(view);
  expect(phases()).toEqual(['a lost']);
  Object.assign(port, { read, fetchBlobs });
  await keep();
  expect(phases()).toEqual(['a concluded']);
});

test('a lost attempt whose task was removed meanwhile is cancelled', async () => {
  await dieWhileRunning();
  await fleet.commit({ 'tasks/a.md': null });
  await keep();
  expect(pi.context.held.in('concluded')[0]?.phase.conclusion).toMatchObject({ kind: 'result', result: { state: 'cancelled' } });
});

test('a lost attempt that a rescuer has freed already is forgotten without a word', async () => {
  await dieWhileRunning();
  fleet.remote.refs.delete(taskRef('a'));
  await keep();
  expect([phases(), await pi.context.journal.read(), pi.told('fenced')]).toEqual([[], [], []]);
});

test('a concluded attempt whose result somebody else folded is recorded', async () => {
  await run();
  const conclusion = await pi.runner.end('a');
  if (conclusion?.kind !== 'result') throw new Error('no result');
  fleet.remote.refs.delete(taskRef('a'));
  await fleet.commit({ 'results/2026-11-20/a.md': renderResult(conclusion.result) });
  await keep();
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
  expect([phases(), await pi.context.journal.read(), pi.runner.kept]).toEqual([[], [], []]);
});

test('a concluded attempt whose task went to somebody else is fenced: kept here, recorded nowhere, said with a name', async () => {
  await run();
  const conclusion = await pi.runner.end('a');
  if (conclusion?.kind !== 'result') throw new Error('no result');
  fleet.remote.refs.delete(taskRef('a'));
  const entry = { ...(conclusion.result.attempts[0] as AttemptEntry), worker: 'vm' };
  await fleet.commit({
    'results/2026-11-20/a.md': renderResult({ ...conclusion.result, nonce: fleet.newNonce(), attempts: [entry] }),
  });
  await keep();
  expect(pi.told('recorded')).toEqual([]);
  expect(pi.told('fenced')).toMatchObject([
    { id: 'a', keptAt: '/kept/a.md', text: expect.stringContaining('vm has recorded a result for it') },
  ]);
  expect([phases(), await pi.context.journal.read(), pi.runner.kept.length]).toEqual([[], [], 1]);
});

test('a result that cannot be read for now leaves the attempt undecided', async () => {
  await run();
  await pi.runner.end('a');
  fleet.remote.refs.delete(taskRef('a'));
  await fleet.commit({ 'results/2026-11-20/a.md': 'somebody’s' });
  const view = await pi.look();
  fleet.remote.goAway();
  await new Keeper(pi.context).tend(view);
  expect(phases()).toEqual(['a concluded']);
});

/** A rescuer has given the task up: its failed result is parked under the nonce of pi's claim. Returns the result. */
async function giveUp(): Promise<Result> {
  const record = need((await pi.look()).records, 'a');
  if (record.value.state !== 'claimed') throw new Error('not claimed');
  const port = fleet.clone();
  await port.fetch();
  const result = {
    schema: 1 as const,
    id: 'a',
    state: 'failed' as const,
    task: record.value.task,
    nonce: record.value.nonce,
    finished_at: '2026-11-20T09:00:00.000Z',
    attempts: [],
    answer: 'lost twice',
    taskText: '',
  };
  await port.push((await parkResult(port, { oid: record.oid, value: record.value }, result)).updates);
  return result;
}

test.each([
  ['a failed try', () => run().then(() => pi.runner.end('a', 'failed'))],
  ['an attempt that was lost', dieWhileRunning],
  [
    'a claim that is to be given back',
    async () => {
      await claim();
      pi.context.claiming = false;
      await keep();
    },
  ],
])(
  '%s whose record a rescuer parked as failed is left to that result, and people are told of it once it is recorded',
  async (_, begin) => {
    await begin();
    const result = await giveUp();
    const told: Result[] = [];
    pi.context.notifier.finished = async (finished) => void told.push(finished);
    await pi.round(new Keeper(pi.context), new Releaser(pi.context));
    expect(need((await fleet.view()).records, 'a').value.state).toBe('parked');
    fleet.remote.refs.delete(taskRef('a'));
    await fleet.commit({ 'results/2026-11-20/a.md': renderResult(result) });
    await keep();
    expect(told).toMatchObject([{ id: 'a', state: 'failed', answer: 'lost twice' }]);
    expect([phases(), await pi.context.journal.read()]).toEqual([[], []]);
  },
);

test('a claim of this boot that nobody holds is given back, with its key', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n') });
  await claim();
  for (const { nonce } of pi.context.held.all()) pi.context.held.drop(nonce);
  expect(fleet.remote.refs.has(keyRef(keyHash('deploy')))).toBe(true);
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim of an earlier boot of this state directory is given back only after a heartbeat of this boot', async () => {
  await claim();
  pi = await fleet.boot('pi');
  await keep();
  expect(phases()).toEqual([]);
  await pi.beat();
  await keep();
  expect(phases()).toEqual(['a giving-back']);
  await pi.round(new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim under this name by a boot that this state directory does not know is left to the rescuers', async () => {
  const twin = await fleet.boot('twin', { config: { machine: 'pi' } });
  await claim(twin);
  fleet.remote.refs.delete(workerRef('pi'));
  await pi.look();
  await pi.beat();
  await keep();
  expect(phases()).toEqual([]);
  expect(fleet.refs()).toContain('tasks/a');
});

test('one attempt that cannot be dealt with is told and keeps no other waiting', async () => {
  await fleet.addTasks('a', 'b');
  await claim();
  const first = pi.context.held.all()[0];
  const { start } = pi.runner;
  pi.runner.start = (held, work) => {
    if (held === first) throw new Error('EACCES: permission denied');
    start.call(pi.runner, held, work);
  };
  await keep();
  expect(pi.told('trouble')).toMatchObject([{ duty: 'keep', text: expect.stringContaining('EACCES') }]);
  expect(phases().sort()).toEqual(['a claiming', 'b running']);
});

test('an attempt that was stopped, and whose task is removed before that is told, is recorded as cancelled with its history', async () => {
  await run();
  await pi.runner.end('a', 'stopped');
  await fleet.commit({ 'tasks/a.md': null });
  await keep();
  const [concluded] = pi.context.held.in('concluded');
  expect(concluded?.phase.conclusion).toMatchObject({
    kind: 'result',
    result: { state: 'cancelled', attempts: [{ outcome: 'stopped' }], taskText: expect.stringContaining('Do a') },
  });
});
