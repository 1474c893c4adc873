import { keyHash, keyRef, taskRef, writeLoose } from '@errand/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
import { Keeper } from './keeper.ts';
import { Releaser } from './releaser.ts';
import { Sweeper } from './sweeper.ts';

let fleet: Fleet;
let pi: Machine;
let vm: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
  vm = await fleet.boot('vm');
});
afterEach(() => fleet[Symbol.asyncDispose]());

const sweep = async (times = 1) => {
  for (let time = 0; time < times; time++) await vm.round(new Sweeper(vm.context));
};

async function failOnPi(id: string): Promise<void> {
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  await pi.runner.end(id, 'failed');
  await pi.round(new Releaser(pi.context));
  expect(fleet.refs()).toContain(`tasks/${id}`);
}

test('a waiting record of a task that was removed, or that has a result, is deleted by the second view that shows it', async () => {
  await fleet.addTasks('a');
  await failOnPi('a');
  await fleet.addTasks('b');
  await failOnPi('b');
  await sweep();
  expect(fleet.refs()).toEqual(['tasks/a', 'tasks/b', 'workers/pi']);
  await fleet.commit({ 'tasks/a.md': null, 'results/2026-11-20/b.md': 'by hand' });
  await sweep();
  expect(fleet.refs()).toEqual(['tasks/a', 'tasks/b', 'workers/pi']);
  expect(vm.context.wakeups.leftMs()).toBe(0);
  await sweep();
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a claim on a finished task is given back with its key and then deleted, after its owner had time to do so', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n') });
  await pi.round(new Claimer(pi.context));
  await fleet.commit({ 'results/2026-11-20/a.md': 'by hand' });
  await sweep();
  expect(fleet.refs()).toContain('tasks/a');
  await sweep(2);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a key that no record holds is deleted when three views in a row say so', async () => {
  const port = fleet.clone();
  const hold = { schema: 1, key: 'deploy', nonce: fleet.newNonce(), id: 'gone', worker: 'pi' } as const;
  await port.push([{ ref: keyRef(keyHash('deploy')), to: await writeLoose(port, 'key', hold), expect: null }]);
  await sweep(2);
  expect(fleet.refs()).toHaveLength(1);
  await sweep();
  expect(fleet.refs()).toEqual([]);
});

test('what changed since the view is not deleted', async () => {
  await fleet.addTasks('a');
  await failOnPi('a');
  await fleet.commit({ 'tasks/a.md': null });
  const view = await vm.look();
  await fleet.addTasks('a');
  fleet.clock.advance(60_000);
  await pi.round(new Claimer(pi.context));
  const claim = fleet.remote.refs.get(taskRef('a'));
  await new Sweeper(vm.context).tend(view);
  expect(fleet.remote.refs.get(taskRef('a'))).toBe(claim);
});

test('nothing left over means no push', async () => {
  await fleet.addTasks('a');
  await sweep();
  expect(fleet.remote.pushes).toBe(1);
});

test('a record that nobody can read is deleted after three views; one of a newer version is left alone', async () => {
  const { port } = vm.context.queue;
  const point = async (id: string, message: string) => {
    const to = await port.writeCommit({ tree: await port.writeTree([]), parents: [], message });
    await port.push([{ ref: taskRef(id), to, expect: null }]);
  };
  await vm.look();
  await point('ghost', 'no body\n');
  await point('future', 'claimed\n\nschema: 2\nid: future\n');
  const sweeper = new Sweeper(vm.context);
  for (const left of [2, 2, 1]) {
    await vm.round(sweeper);
    expect(fleet.refs().filter((ref) => ref.startsWith('tasks/'))).toHaveLength(left);
  }
  expect(fleet.refs()).toContain('tasks/future');
});
