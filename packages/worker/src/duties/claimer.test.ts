import { branchRef, keyHash, keyRef, taskRef, workerRef } from '@errand/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';

let fleet: Fleet;
let pi: Machine;
let claimer: Claimer;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi', { config: { slots: 25 } });
  claimer = new Claimer(pi.context);
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** The refs of every push, in order. */
function recordPushes(machine: Machine): string[][] {
  const pushes: string[][] = [];
  const { port } = machine.context.queue;
  const { push } = port;
  port.push = (updates, options) => {
    pushes.push(updates.map(({ ref }) => ref.replace('refs/errand/', '')));
    return push.call(port, updates, options);
  };
  return pushes;
}

test('a heartbeat is accepted before the first claim, and the claim’s push lists it', async () => {
  await fleet.addTasks('a');
  const pushes = recordPushes(pi);
  await pi.round(claimer);
  expect(pushes).toEqual([['workers/pi'], ['workers/pi', 'tasks/a']]);
  const view = await fleet.view();
  const record = need(view.records, 'a').value;
  expect(record).toMatchObject({ state: 'claimed', worker: 'pi', boot: pi.context.boot, attempt: 1 });
  expect(need(view.workers, 'pi').value.runs).toEqual([{ id: 'a', nonce: record.nonce, attempt: 1, phase: 'claimed' }]);
  expect(pi.told('claimed').map(({ id }) => id)).toEqual(['a']);
});

test('a task whose text cannot be read just now is claimed later, for its result must tell it word for word', async () => {
  await fleet.addTasks('a');
  const view = await pi.look();
  const port = pi.context.queue.port;
  const { read, fetchBlobs } = port;
  const blob = need(view.tasks, 'a').blob;
  port.read = async (oid) => (oid === blob ? null : read.call(port, oid));
  port.fetchBlobs = async () => ({ ok: false, cause: { kind: 'unreachable', message: 'reset' } });
  await claimer.tend(view);
  expect([(await fleet.view()).records.size, pi.context.held.size]).toEqual([0, 0]);
  Object.assign(port, { read, fetchBlobs });
  await pi.round(claimer);
  const [held] = pi.context.held.in('claiming');
  expect(held?.phase.work.taskText).toBe(taskText('a'));
});

test('after a beat whose answer was lost one more is refused, and then a view comes first', async () => {
  await fleet.addTasks('a');
  await pi.round(claimer);
  fleet.clock.advance(pi.context.machine.lease.ttlMs * 0.6);
  const view = await pi.look();
  const pushes = recordPushes(pi);
  fleet.remote.loseNextAnswer();
  for (let duty = 0; duty < 5; duty++) await claimer.beatIfLate();
  await claimer.tend(view);
  expect(pushes).toEqual([['workers/pi'], ['workers/pi']]);
  fleet.clock.advance(pi.context.machine.lease.heartbeatMs);
  await pi.round(claimer);
  expect(pushes.length).toBe(3);
  expect(pi.context.heartbeat.lease.sinceMs).toBe(fleet.clock.elapsedMs());
});

test('a heartbeat tells in numbers how far an attempt is, and is no more frequent for it', async () => {
  await fleet.addTasks('a');
  await pi.round(claimer);
  const [held] = pi.context.held.all();
  if (held?.phase.name !== 'claiming') throw new Error('a was not claimed');
  pi.runner.start(held, held.phase.work);
  await pi.round(claimer);
  const pushes = recordPushes(pi);
  const at = '2026-11-20T09:00:07.000Z';
  pi.runner.get('a').run.progress = { turns: 3, tool_calls: 12, output_at: at };
  await pi.round(claimer);
  expect(pushes).toEqual([]);
  fleet.clock.advance(60_000);
  await pi.round(claimer);
  expect(pushes).toEqual([['workers/pi']]);
  const { runs } = need((await fleet.view()).workers, 'pi').value;
  expect(runs).toMatchObject([{ id: 'a', phase: 'running', agent: 'command', turns: 3, tool_calls: 12, output_at: at }]);
});

test('no claim is made while the heartbeat is not accepted', async () => {
  await fleet.addTasks('a');
  fleet.remote.hook = ({ ref }) => (ref === workerRef('pi') ? 'no' : null);
  await pi.round(claimer);
  expect(fleet.refs()).toEqual([]);
  expect(pi.context.held.size).toBe(0);
});

test('a worker that is stopping beats, and claims nothing', async () => {
  await fleet.addTasks('a');
  pi.context.claiming = false;
  await pi.round(claimer);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('several tasks go in one push, twenty at most, and each wins or loses alone', async () => {
  await fleet.addTasks(...Array.from({ length: 23 }, (_, index) => `t${index}`));
  const pushes = recordPushes(pi);
  const view = await pi.look();
  const vm = await fleet.boot('vm', { config: { slots: 1 } });
  await vm.round(new Claimer(vm.context));
  const [theirs] = vm.context.held.all();
  await claimer.tend(view);
  expect(pushes.map((refs) => refs.length)).toEqual([1, 21]);
  expect(pi.context.held.size).toBe(19);
  expect(pi.context.held.ids().has(theirs?.id ?? '')).toBe(false);
  expect(need((await fleet.view()).records, theirs?.id ?? '').value).toMatchObject({ worker: 'vm' });
});

test('no more tasks are claimed than there are free slots', async () => {
  await fleet.addTasks('a', 'b', 'c');
  const small = await fleet.boot('small', { config: { slots: 2 } });
  await small.round(new Claimer(small.context));
  await small.round(new Claimer(small.context));
  expect(small.context.held.size).toBe(2);
});

test('a claim with a key is a push of its own, whole or not at all', async () => {
  await fleet.commit({
    'tasks/a.md': taskText('a', 'key: deploy\n'),
    'tasks/b.md': taskText('b'),
    'tasks/c.md': taskText('c', 'key: deploy\n'),
  });
  const pushes = recordPushes(pi);
  await pi.round(claimer);
  const key = keyRef(keyHash('deploy')).replace('refs/errand/', '');
  expect(pushes).toEqual([['workers/pi'], ['workers/pi', 'tasks/b'], ['tasks/a', key]]);
  expect(pi.context.held.ids()).toEqual(new Set(['a', 'b']));
});

test('a key that somebody took a moment earlier costs the claim and nothing else', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n'), 'tasks/b.md': taskText('b', 'key: deploy\n') });
  const view = await pi.look();
  const vm = await fleet.boot('vm', { config: { slots: 1 } });
  await vm.round(new Claimer(vm.context));
  await claimer.tend(view);
  expect(pi.context.held.size).toBe(0);
  expect(fleet.refs().filter((ref) => ref.startsWith('tasks/'))).toHaveLength(1);
  expect(fleet.refs().filter((ref) => ref.startsWith('keys/'))).toHaveLength(1);
});

test('a claim whose answer was lost stays held until a view settles it', async () => {
  await fleet.addTasks('a');
  await pi.look();
  await pi.beat();
  const view = await pi.look();
  fleet.remote.loseNextAnswer();
  await claimer.tend(view);
  expect(pi.context.held.in('claiming')).toMatchObject([{ held: { id: 'a' }, phase: { pushedAt: fleet.clock.elapsedMs() } }]);
  expect(pi.told('claimed')).toEqual([]);
});

test('a heartbeat goes alone when it is due, and not sooner', async () => {
  const pushes = recordPushes(pi);
  await pi.round(claimer);
  await pi.round(claimer);
  expect(pushes).toEqual([['workers/pi']]);
  fleet.clock.advance(5 * 60_000);
  await pi.round(claimer);
  expect(pushes).toHaveLength(2);
});

test('a server that refuses claims is left alone for a minute and said, and nothing counts as eligible meanwhile', async () => {
  await fleet.addTasks('a');
  fleet.remote.hook = ({ ref }) => (ref === taskRef('a') ? 'only heads may be pushed' : null);
  await pi.round(claimer);
  expect(pi.told('refused')).toMatchObject([{ ids: ['a'] }]);
  expect(pi.told('refused')[0]?.text).toContain('only heads may be pushed');
  expect(pi.context.held.size).toBe(0);
  const { pushes } = fleet.remote;
  await pi.round(claimer);
  expect([fleet.remote.pushes, claimer.eligible]).toEqual([pushes, 0]);
  fleet.remote.hook = () => null;
  fleet.clock.advance(60_000);
  await pi.round(claimer);
  expect(pi.context.held.ids()).toEqual(new Set(['a']));
});

test('a task that only another machine may run is not claimed, and the plan says how many are eligible', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'machine: vm\n'), 'tasks/b.md': taskText('b') });
  await pi.round(claimer);
  expect(claimer.eligible).toBe(1);
  expect(pi.context.held.ids()).toEqual(new Set(['b']));
  expect(fleet.remote.refs.has(branchRef('main'))).toBe(true);
});

test('a machine that the queue lists as no worker claims nothing, and says so once', async () => {
  await fleet.commit({ 'config/errand.yaml': 'machines: { pi: { worker: false } }\n' });
  await fleet.addTasks('a');
  const claimer = new Claimer(pi.context);
  await pi.round(claimer);
  await pi.round(claimer);
  expect([claimer.eligible, pi.context.held.size]).toEqual([0, 0]);
  expect(pi.told('trouble')).toMatchObject([{ text: expect.stringContaining('worker: false') }]);
});
