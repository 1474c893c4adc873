import { keyHash, taskRef } from '@errand/queue';
import { parseResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
import { Folder } from './folder.ts';
import { Keeper } from './keeper.ts';
import { Rescuer } from './rescuer.ts';

let fleet: Fleet;
let pi: Machine;
let vm: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
  vm = await fleet.boot('vm', { config: { slots: 1 } });
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** `pi` claims and runs what there is, and `vm` has seen it. */
async function piRuns(): Promise<void> {
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  await vm.round(new Rescuer(vm.context));
}

/** `vm` looks again and again for so long, as often as it must. */
async function vmWatches(forMs: number): Promise<void> {
  for (let at = 0; at < forMs; at += 60_000) {
    fleet.clock.advance(60_000);
    await vm.round(new Rescuer(vm.context));
  }
}

test('a machine that stood still for its ttl loses its claims, and its name becomes a tombstone', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n'), 'tasks/b.md': taskText('b', 'machine: pi\n') });
  await pi.round(new Claimer(pi.context));
  await piRuns();
  await vmWatches(120_000);
  expect(vm.told('rescued')).toEqual([]);
  await vmWatches(60_000);
  expect(vm.told('rescued')).toEqual([
    { type: 'rescued', machine: 'pi', ids: ['a'], reason: 'stale', heartbeat: expect.any(String) },
  ]);
  const view = await fleet.view();
  expect(need(view.workers, 'pi').value.state).toBe('tombstone');
  const why = 'nothing was heard of pi after 2026-11-20 09:00:01 UTC: vm watched for 3m and freed the task';
  expect(need(view.records, 'a').value).toMatchObject({
    state: 'waiting',
    reason: `lost on pi: ${why}`,
    attempts: [
      {
        outcome: 'lost',
        worker: 'pi',
        agent: 'command',
        cause: `${why}; what it made, if anything, stays on pi (errand logs a --attempt 1)`,
      },
    ],
  });
  expect(view.keys.has(keyHash('deploy'))).toBe(false);
  expect(need(view.records, 'b').value.state).toBe('claimed');
});

test('a machine that beats in the very moment of its rescue keeps its claims', async () => {
  await fleet.addTasks('a');
  await piRuns();
  await vmWatches(120_000);
  fleet.clock.advance(60_000);
  const view = await vm.look();
  await pi.beat();
  await new Rescuer(vm.context).tend(view);
  expect(vm.told('rescued')).toEqual([]);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('claimed');
  expect(need((await fleet.view()).workers, 'pi').value.state).toBe('running');
});

test('an observer that slept starts to count again', async () => {
  await fleet.addTasks('a');
  await piRuns();
  fleet.clock.advance(3_600_000);
  await vm.round(new Rescuer(vm.context));
  expect(vm.told('rescued')).toEqual([]);
});

test('the owner that comes back ends what it lost and takes its name over', async () => {
  await fleet.addTasks('a');
  await piRuns();
  await vmWatches(180_000);
  await pi.round(new Keeper(pi.context));
  expect(pi.runner.get('a').run.stops).toEqual(['fenced']);
  pi.context.held.drop(pi.runner.get('a').held.nonce);
  await pi.beat();
  expect(need((await fleet.view()).workers, 'pi').value).toMatchObject({ state: 'running', runs: [] });
});

test('the second loss in a row is a failed result that anyone may fold', async () => {
  await fleet.addTasks('a');
  await piRuns();
  await vmWatches(180_000);
  pi = await fleet.boot('pi');
  await piRuns();
  await vmWatches(180_000);
  const parked = need((await fleet.view()).records, 'a').value;
  expect(parked).toMatchObject({ state: 'parked', result_state: 'failed' });
  await vm.round(new Folder(vm.context));
  const result = parseResult('x', fleet.files().get('results/2026-11-20/a.md') ?? '');
  expect(result).toMatchObject({ ok: true, value: { state: 'failed', taskText: taskText('a') } });
  expect(result.ok && result.value.answer).toContain('2 times in a row');
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a task is given up only by who can read it, for its result must tell it word for word', async () => {
  await fleet.addTasks('a');
  await piRuns();
  await vmWatches(180_000);
  pi = await fleet.boot('pi');
  await piRuns();
  const blob = need((await fleet.view()).tasks, 'a').blob;
  const { port } = vm.context.queue;
  const { read, fetchBlobs } = port;
  port.read = async (oid) => (oid === blob ? null : read.call(port, oid));
  port.fetchBlobs = async () => ({ ok: false, cause: { kind: 'unreachable', message: 'reset' } });
  await vmWatches(180_000);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('claimed');
  Object.assign(port, { read, fetchBlobs });
  await vmWatches(60_000);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('parked');
});

test('a rescue whose answer was lost is settled by the next view', async () => {
  await fleet.addTasks('a');
  await piRuns();
  await vmWatches(120_000);
  fleet.remote.loseNextAnswer();
  await vmWatches(60_000);
  const oid = fleet.remote.refs.get(taskRef('a'));
  expect(need((await fleet.view()).records, 'a').value.state).toBe('waiting');
  await vmWatches(60_000);
  expect(fleet.remote.refs.get(taskRef('a'))).toBe(oid);
});
