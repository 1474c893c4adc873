import { branchRef } from '@errand/queue';
import { renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Tidier } from './tidier.ts';

let fleet: Fleet;
let pi: Machine;
let tidier: Tidier;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
  tidier = new Tidier(pi.context);
});
afterEach(() => fleet[Symbol.asyncDispose]());

const tasks = () => [...fleet.files().keys()].filter((path) => path.startsWith('tasks/'));

/** Results on this day for tasks that are there, each for the file as it is now. */
async function finish(day: string, ...ids: string[]): Promise<void> {
  const view = await fleet.view();
  const files: { [path: string]: string } = {};
  for (const id of ids) {
    const { blob } = need(view.tasks, id);
    const head = { schema: 1 as const, id, state: 'done' as const, task: blob, nonce: fleet.newNonce(), attempts: [] };
    const result = { ...head, finished_at: `${day}T10:00:00.000Z`, answer: 'x', taskText: taskText(id) };
    files[`results/${day}/${id}.md`] = renderResult(result);
  }
  await fleet.commit(files);
}

test('a week after it finished a task’s file is removed, and not sooner', async () => {
  await fleet.addTasks('old', 'young', 'open');
  await finish('2026-11-12', 'old');
  await finish('2026-11-13', 'young');
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/open.md', 'tasks/young.md']);
});

test('a file that was edited after it ran stays: it is a person’s business, who is told that it does not run', async () => {
  await fleet.addTasks('a', 'b');
  await finish('2026-11-01', 'a', 'b');
  await fleet.commit({ 'tasks/a.md': taskText('a', 'priority: 1\n') });
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/a.md']);
  expect(pi.told('invalid')).toMatchObject([{ problems: [{ code: 'id-finished', hint: 'Rename it, or errand retry a.' }] }]);
});

test('results are read in one request, a hundred files are tidied at once, and edited ones do not block the others', async () => {
  const ids = Array.from({ length: 130 }, (_, index) => `t${String(index).padStart(3, '0')}`);
  await fleet.addTasks(...ids);
  await finish('2026-11-01', ...ids);
  const edited = ids.slice(0, 20);
  await fleet.commit(Object.fromEntries(edited.map((id) => [`tasks/${id}.md`, taskText(id, 'priority: 1\n')])));
  const view = await pi.look();
  const requests: number[] = [];
  const { port } = pi.context.queue;
  const { fetchBlobs } = port;
  port.fetchBlobs = (oids) => {
    requests.push(oids.length);
    return fetchBlobs.call(port, oids);
  };
  await tidier.tend(view);
  expect([requests, tasks().length]).toEqual([[130], 30]);
  fleet.clock.advance(60_000);
  await pi.round(tidier);
  expect(tasks().length).toBe(20);
});

test('`tidy: never` leaves every file', async () => {
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  await fleet.commit({ 'config/errand.yaml': 'schema: 1\ntidy: never\n' });
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/a.md']);
});

test('it is looked after once an hour', async () => {
  await fleet.addTasks('a');
  await pi.round(tidier);
  await finish('2026-11-01', 'a');
  fleet.clock.advance(3_599_999);
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/a.md']);
  fleet.clock.advance(1);
  await pi.round(tidier);
  expect(tasks()).toEqual([]);
});

test('a result that is removed after its task was tidied brings the task back as it was', async () => {
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  await pi.round(tidier);
  await pi.look();
  expect(tasks()).toEqual([]);
  await fleet.commit({ 'results/2026-11-01/a.md': null });
  await pi.round(tidier);
  expect(fleet.files().get('tasks/a.md')).toBe(taskText('a'));
  const { tip } = fleet;
  await pi.round(tidier);
  expect(fleet.tip).toBe(tip);
});

test('a result that could not be fetched for a moment is asked for again, and is not called unreadable', async () => {
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  await pi.round(tidier);
  await pi.look();
  await fleet.commit({ 'results/2026-11-01/a.md': null });
  const other = await fleet.boot('pi', { port: fleet.clone() });
  const again = new Tidier(other.context);
  const view = await other.look();
  fleet.remote.goAway();
  await again.tend(view);
  expect([tasks(), other.told('trouble')]).toEqual([[], []]);
  fleet.remote.comeBack();
  await other.round(again);
  expect(tasks()).toEqual(['tasks/a.md']);
});

test('a result from which no task can be restored is said once, and does not stand in the way of a later one of that id', async () => {
  const remove = async () => {
    await pi.look();
    await fleet.commit({ 'results/2026-11-01/a.md': null });
    await pi.round(tidier);
    await pi.round(tidier);
  };
  await fleet.commit({ 'results/2026-11-01/a.md': 'no result' });
  await remove();
  expect([tasks(), pi.told('trouble').length]).toEqual([[], 1]);
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  await fleet.commit({ 'tasks/a.md': null });
  await remove();
  expect([tasks(), pi.told('trouble').length]).toEqual([['tasks/a.md'], 1]);
  await fleet.commit({ 'tasks/a.md': null, 'results/2026-11-01/a.md': 'no result' });
  await remove();
  expect([tasks(), pi.told('trouble').length]).toEqual([[], 2]);
});

test('a worker that is stopping leaves people’s files alone', async () => {
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  pi.context.claiming = false;
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/a.md']);
});

test('a branch that refuses the commit is left alone for a minute and said', async () => {
  await fleet.addTasks('a');
  await finish('2026-11-01', 'a');
  await pi.round(tidier);
  await pi.look();
  await fleet.commit({ 'results/2026-11-01/a.md': null });
  fleet.remote.hook = ({ ref }) => (ref === branchRef('main') ? 'protected' : null);
  await pi.round(tidier);
  const { pushes } = fleet.remote;
  await pi.round(tidier);
  expect([fleet.remote.pushes, pi.told('refused').map(({ ids }) => ids)]).toEqual([pushes, [['a']]]);
  fleet.remote.hook = () => null;
  fleet.clock.advance(60_000);
  await pi.round(tidier);
  expect(tasks()).toEqual(['tasks/a.md']);
});
