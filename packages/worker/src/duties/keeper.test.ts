import { keyHash, keyRef, taskRef, workerRef } from '@errand/queue';
import { type AttemptEntry, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { claim, keep, phases, run } from '../rig/steps.ts';
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

const whyBack = () => pi.context.held.in('giving-back').map(({ phase }) => phase.why);

test('a claim that a later view shows with its heartbeat, its task and the same blob is started', async () => {
  await run(pi);
  expect(pi.told('verified')).toEqual([{ type: 'verified', id: 'a', attempt: 1 }]);
  expect(pi.runner.get('a').work).toMatchObject({ task: { prompt: 'Do a.' }, othersMayRun: true });
});

test('a view that was fetched before the push ended decides nothing', async () => {
  const before = await pi.look();
  await pi.beat();
  fleet.clock.advance(10);
  await new Claimer(pi.context).tend(before);
  await new Keeper(pi.context).tend(before);
  expect(phases(pi)).toEqual(['a claiming']);
  await keep(pi);
  expect(phases(pi)).toEqual(['a running']);
});

test('a claim is not started from a view that is as old as half a lease: a rescuer may have been there since', async () => {
  await claim(pi);
  const view = await pi.look();
  fleet.clock.advance(pi.context.machine.lease.ttlMs / 2);
  await new Keeper(pi.context).tend(view);
  expect([phases(pi), pi.runner.started]).toEqual([['a claiming'], []]);
  await pi.beat();
  await keep(pi);
  expect(phases(pi)).toEqual(['a running']);
});

test('nor from a view of before a sleep, though a beat was accepted since: only one that was fetched after that beat counts', async () => {
  await claim(pi);
  const view = await pi.look();
  fleet.clock.advance(10 * pi.context.machine.lease.ttlMs);
  await pi.beat();
  await new Keeper(pi.context).tend(view);
  expect(phases(pi)).toEqual(['a claiming']);
  await keep(pi);
  expect(phases(pi)).toEqual(['a running']);
});

test('a result of mine that one view shows neither parked nor recorded, as the branch in it is older, is not taken for lost', async () => {
  await run(pi);
  await pi.runner.end('a');
  const keeper = new Keeper(pi.context);
  const record = need(fleet.remote.refs, taskRef('a'));
  for (let again = 0; again < 2; again++) {
    fleet.remote.refs.delete(taskRef('a'));
    await pi.round(keeper);
    expect([phases(pi), pi.context.wakeups.leftMs()]).toEqual([['a concluded'], 0]);
    fleet.remote.refs.set(taskRef('a'), record);
    await pi.round(keeper);
  }
  fleet.remote.refs.delete(taskRef('a'));
  for (let again = 0; again < 2; again++) await pi.round(keeper);
  expect([phases(pi), pi.told('fenced')]).toMatchObject([[], [{ id: 'a' }]]);
});

test('a claim that did not arrive is let go, and given back when it is applied late', async () => {
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.holdNextPush();
  await new Claimer(pi.context).tend(view);
  await keep(pi);
  expect(phases(pi)).toEqual([]);
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
  await keep(pi);
  expect(phases(pi)).toEqual(['a running']);
});

test('a claim that no accepted heartbeat lists is given back', async () => {
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.hook = ({ ref }) => (ref === workerRef('pi') ? 'not now' : null);
  await new Claimer(pi.context).tend(view);
  fleet.remote.hook = () => null;
  await keep(pi);
  expect(whyBack()).toEqual(['no heartbeat of mine lists it']);
});

test.each([
  ['its task was removed', { 'tasks/a.md': null }],
  ['its task was edited', { 'tasks/a.md': taskText('a', 'priority: 1\n') }],
  ['it has a result already', { 'results/2026-11-20/a.md': 'by somebody' }],
])('a claim is given back before it starts when %s', async (why, files) => {
  await claim(pi);
  await fleet.commit(files);
  await keep(pi);
  expect(whyBack()).toEqual([why]);
  expect(pi.runner.started).toEqual([]);
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim is given back when the branch was moved back under it, or the worker is stopping', async () => {
  await claim(pi);
  const view = await pi.look();
  pi.context.movedBack = new Set(['a']);
  await new Keeper(pi.context).tend(view);
  expect(whyBack()).toEqual(['the branch was moved back']);
  await pi.round(new Releaser(pi.context));
  await claim(pi);
  pi.context.claiming = false;
  await keep(pi);
  expect(whyBack()).toEqual(['the worker is stopping']);
});

test('a running attempt ends when its task is removed, and goes on when it is edited', async () => {
  await run(pi);
  await fleet.commit({ 'tasks/a.md': taskText('a', 'priority: 1\n') });
  await keep(pi);
  expect(pi.runner.get('a').run.stops).toEqual([]);
  await fleet.commit({ 'tasks/a.md': null });
  await keep(pi);
  expect(pi.runner.get('a').run.stops).toEqual(['cancelled']);
});

test('a running attempt whose record is gone, or whose task has a result, is fenced', async () => {
  await run(pi);
  await fleet.commit({ 'results/2026-11-20/a.md': 'x' });
  await keep(pi);
  fleet.remote.refs.delete(taskRef('a'));
  await keep(pi);
  expect(pi.runner.get('a').run.stops).toEqual(['fenced', 'fenced']);
});

test('a frozen attempt goes on when the worker is in touch again, and not before', async () => {
  await run(pi);
  const { run: switches } = pi.runner.get('a');
  switches.frozen = true;
  fleet.clock.advance(120_000);
  await keep(pi);
  expect([switches.frozen, pi.told('thawed')]).toEqual([true, []]);
  await pi.beat();
  await keep(pi);
  expect([switches.frozen, pi.told('thawed')]).toEqual([false, [{ type: 'thawed', id: 'a' }]]);
  // Once for the claim that was verified, once before the thaw.
  expect(pi.runner.ticks).toBe(2);
});

test('a frozen attempt that is no longer this worker’s is ended and not thawed', async () => {
  await run(pi);
  const { run: switches } = pi.runner.get('a');
  switches.frozen = true;
  fleet.remote.refs.delete(taskRef('a'));
  await pi.beat();
  await keep(pi);
  expect([switches.frozen, switches.stops]).toEqual([true, ['fenced']]);
});

test('a concluded attempt whose result somebody else folded is recorded', async () => {
  await run(pi);
  const conclusion = await pi.runner.end('a');
  if (conclusion?.kind !== 'result') throw new Error('no result');
  fleet.remote.refs.delete(taskRef('a'));
  await fleet.commit({ 'results/2026-11-20/a.md': renderResult(conclusion.result) });
  await keep(pi);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
  expect([phases(pi), await pi.context.journal.read(), pi.runner.kept]).toEqual([[], [], []]);
});

test('a concluded attempt whose task went to somebody else is fenced: kept here, recorded nowhere, said with a name', async () => {
  await run(pi);
  const conclusion = await pi.runner.end('a');
  if (conclusion?.kind !== 'result') throw new Error('no result');
  fleet.remote.refs.delete(taskRef('a'));
  const entry = { ...(conclusion.result.attempts[0] as AttemptEntry), worker: 'vm' };
  await fleet.commit({
    'results/2026-11-20/a.md': renderResult({ ...conclusion.result, nonce: fleet.newNonce(), attempts: [entry] }),
  });
  await keep(pi);
  expect(pi.told('recorded')).toEqual([]);
  expect(pi.told('fenced')).toMatchObject([
    { id: 'a', keptAt: '/kept/a.md', text: expect.stringContaining('vm has recorded a result for it') },
  ]);
  expect([phases(pi), await pi.context.journal.read(), pi.runner.kept.length]).toEqual([[], [], 1]);
});

test('a result that cannot be read for now leaves the attempt undecided', async () => {
  await run(pi);
  await pi.runner.end('a');
  fleet.remote.refs.delete(taskRef('a'));
  await fleet.commit({ 'results/2026-11-20/a.md': 'somebody’s' });
  const view = await pi.look();
  fleet.remote.goAway();
  await new Keeper(pi.context).tend(view);
  expect(phases(pi)).toEqual(['a concluded']);
});

test('a claim of this boot that nobody holds is given back, with its key', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n') });
  await claim(pi);
  for (const { nonce } of pi.context.held.all()) pi.context.held.drop(nonce);
  expect(fleet.remote.refs.has(keyRef(keyHash('deploy')))).toBe(true);
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim of an earlier boot of this state directory is given back only after a heartbeat of this boot', async () => {
  await claim(pi);
  pi = await fleet.boot('pi');
  await keep(pi);
  expect(phases(pi)).toEqual([]);
  await pi.beat();
  await keep(pi);
  expect(phases(pi)).toEqual(['a giving-back']);
  await pi.round(new Releaser(pi.context));
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim under this name by a boot that this state directory does not know is left to the rescuers', async () => {
  const twin = await fleet.boot('twin', { config: { machine: 'pi' } });
  await claim(twin);
  fleet.remote.refs.delete(workerRef('pi'));
  await pi.look();
  await pi.beat();
  await keep(pi);
  expect(phases(pi)).toEqual([]);
  expect(fleet.refs()).toContain('tasks/a');
});

test('one attempt that cannot be dealt with is told and keeps no other waiting', async () => {
  await fleet.addTasks('a', 'b');
  await claim(pi);
  const first = pi.context.held.all()[0];
  const { start } = pi.runner;
  pi.runner.start = (held, work) => {
    if (held === first) throw new Error('EACCES: permission denied');
    start.call(pi.runner, held, work);
  };
  await keep(pi);
  expect(pi.told('trouble')).toMatchObject([{ duty: 'keep', text: expect.stringContaining('EACCES') }]);
  expect(phases(pi).sort()).toEqual(['a claiming', 'b running']);
});

test('an attempt that was stopped, and whose task is removed before that is told, is recorded as cancelled with its history', async () => {
  await run(pi);
  await pi.runner.end('a', 'stopped');
  await fleet.commit({ 'tasks/a.md': null });
  await keep(pi);
  const [concluded] = pi.context.held.in('concluded');
  expect(concluded?.phase.conclusion).toMatchObject({
    kind: 'result',
    result: { state: 'cancelled', attempts: [{ outcome: 'stopped' }], taskText: expect.stringContaining('Do a') },
  });
});
