import { parkResult, taskRef } from '@errand/queue';
import { type Result, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recoverJournal } from '../recovery.ts';
import { Fleet, type Machine, need } from '../rig/fleet.ts';
import { claim, keep, phases, run } from '../rig/steps.ts';
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

/** A worker that died while `a` ran, and its next boot with the journal taken up. */
async function dieWhileRunning(): Promise<void> {
  await run(pi);
  const { held } = pi.runner.get('a');
  const { id, nonce, attempt } = held;
  const startedAt = '2026-11-20T09:00:00.000Z';
  await pi.context.journal.write({ id, nonce, attempt, boot: pi.context.boot, startedAt, unit: null, conclusion: null });
  pi = await fleet.boot('pi');
  await recoverJournal(pi.context);
}

test('what ran when the worker died is lost: it waits, due at once, with the attempt in its history', async () => {
  await dieWhileRunning();
  expect(phases(pi)).toEqual(['a lost']);
  await keep(pi);
  expect(phases(pi)).toEqual(['a concluded']);
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
  await keep(pi);
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
  expect(phases(pi)).toEqual(['a lost']);
  Object.assign(port, { read, fetchBlobs });
  await keep(pi);
  expect(phases(pi)).toEqual(['a concluded']);
});

test('a lost attempt whose task was removed meanwhile is cancelled', async () => {
  await dieWhileRunning();
  await fleet.commit({ 'tasks/a.md': null });
  await keep(pi);
  expect(pi.context.held.in('concluded')[0]?.phase.conclusion).toMatchObject({ kind: 'result', result: { state: 'cancelled' } });
});

test('a lost attempt that a rescuer has freed already is forgotten without a word', async () => {
  await dieWhileRunning();
  fleet.remote.refs.delete(taskRef('a'));
  await keep(pi);
  expect([phases(pi), await pi.context.journal.read(), pi.told('fenced')]).toEqual([[], [], []]);
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
  ['a failed try', () => run(pi).then(() => pi.runner.end('a', 'failed'))],
  ['an attempt that was lost', dieWhileRunning],
  [
    'a claim that is to be given back',
    async () => {
      await claim(pi);
      pi.context.claiming = false;
      await keep(pi);
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
    await keep(pi);
    expect(told).toMatchObject([{ id: 'a', state: 'failed', answer: 'lost twice' }]);
    expect([phases(pi), await pi.context.journal.read()]).toEqual([[], []]);
  },
);
