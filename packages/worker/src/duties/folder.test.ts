import { type Result, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need } from '../rig/fleet.ts';
import { finish, run } from '../rig/steps.ts';
import { Folder } from './folder.ts';
import { Keeper } from './keeper.ts';

let fleet: Fleet;
let pi: Machine;
let folder: Folder;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi', { config: { slots: 4 } });
  folder = new Folder(pi.context);
});
afterEach(() => fleet[Symbol.asyncDispose]());

const subject = () => {
  const text = fleet.remote.objects.get(fleet.tip ?? '')?.content.toString() ?? '';
  return text.slice(text.indexOf('\n\n') + 2).split('\n')[0];
};

/** Somebody pushes to the branch between the next look and the push that follows it. */
function raceOnce(): void {
  fleet.remote.beforeRequest = async (request) => {
    if (request !== 'push') return;
    fleet.remote.beforeRequest = () => Promise.resolve();
    await fleet.commit({ [`notes/${fleet.newNonce()}`]: 'x' });
  };
}

test('the first result after a quiet time is folded at once, and everything about it is let go', async () => {
  await finish(fleet, pi, 'a');
  await pi.round(folder);
  expect([fleet.results(), fleet.answerOf('a')]).toEqual([['results/2026-11-20/a.md'], 'the answer of a']);
  expect(subject()).toMatch(/^done: a \(\w+, <1s\) on pi$/);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: true }]);
  expect([pi.context.held.size, await pi.context.journal.read(), fleet.refs()]).toEqual([0, [], ['workers/pi']]);
});

test('results of one round go in one commit', async () => {
  await finish(fleet, pi, 'a', 'b', 'c');
  const before = fleet.tip;
  await pi.round(folder);
  expect([fleet.results().length, subject()]).toEqual([3, 'results: 3 done']);
  expect(fleet.remote.objects.commit(fleet.tip ?? '')?.parents).toEqual([before]);
});

test('between two folds there is a gap, whoever made the last one; alone, the result waits in the journal', async () => {
  await finish(fleet, pi, 'a');
  await pi.round(folder);
  await finish(fleet, pi, 'b');
  const pushes = fleet.remote.pushes;
  fleet.clock.advance(999);
  await pi.round(folder);
  expect([fleet.remote.pushes, fleet.results().length]).toEqual([pushes, 1]);
  fleet.clock.advance(1);
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  expect(fleet.results().length).toBe(1);
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect(fleet.results().length).toBe(2);
});

test('a remote with a push budget gets a longer gap', async () => {
  pi.context.budget.divide(6, { mine: 1, others: 0 });
  folder.noticeFold(fleet.clock.elapsedMs());
  await finish(fleet, pi, 'a');
  fleet.clock.advance(4_999);
  await pi.round(folder);
  expect(fleet.results()).toEqual([]);
  fleet.clock.advance(1);
  await pi.round(folder);
  expect([fleet.results().length, fleet.answerOf('a')]).toEqual([1, 'the answer of a']);
});

test('where pushes are few, nothing is parked: that would cost as much as the fold', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  pi.context.budget.divide(6, { mine: 1, others: 1 });
  await finish(fleet, pi, 'a');
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  fleet.clock.advance(5_000);
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  expect(fleet.results()).toEqual([]);
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect([fleet.results().length, pi.told('parked')]).toEqual([1, []]);
});

test('while others live, a result that has to wait is parked', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  await finish(fleet, pi, 'a');
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  expect(pi.told('parked')).toEqual([{ type: 'parked', id: 'a' }]);
  expect(need((await fleet.view()).records, 'a').value).toMatchObject({ state: 'parked', worker: 'pi', result_state: 'done' });
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect([fleet.results().length, fleet.refs()]).toEqual([1, ['workers/pi', 'workers/vm']]);
});

test('a lost race parks the result while others live, and one winner records the work of all', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  await finish(fleet, pi, 'a');
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect(pi.told('parked')).toEqual([{ type: 'parked', id: 'a' }]);
  await finish(fleet, vm, 'b');
  const folderOfVm = new Folder(vm.context);
  await vm.round(folderOfVm);
  expect([fleet.results().length, vm.told('parked').length]).toEqual([0, 1]);
  fleet.clock.advance(500);
  await vm.round(folderOfVm);
  expect([fleet.results().length, fleet.refs(), subject()]).toEqual([2, ['workers/pi', 'workers/vm'], 'results: 2 done']);
  await pi.round(new Keeper(pi.context));
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
});

test('alone, a lost race is folded again after a jittered pause without a push in between', async () => {
  await finish(fleet, pi, 'a');
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect(pi.told('parked')).toEqual([]);
  await pi.round(folder);
  expect(fleet.results()).toEqual([]);
  fleet.clock.advance(50);
  await pi.round(folder);
  expect(fleet.results()).toHaveLength(1);
});

test('a fold whose answer was lost is found in the next view and not made twice', async () => {
  await finish(fleet, pi, 'a');
  const view = await pi.look();
  fleet.remote.loseNextAnswer();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect([fleet.results().length, pi.told('recorded')]).toEqual([1, []]);
  const tip = fleet.tip;
  await pi.round(new Keeper(pi.context), folder);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
  expect([fleet.tip, pi.context.held.size]).toEqual([tip, 0]);
});

test('a fold that is applied late, after it was made again, changes nothing', async () => {
  await finish(fleet, pi, 'a');
  const view = await pi.look();
  fleet.remote.holdNextPush();
  await folder.tend(view);
  await pi.context.pusher.flush();
  fleet.clock.advance(5_000);
  await pi.round(folder);
  const text = fleet.files().get('results/2026-11-20/a.md');
  fleet.remote.deliverHeld();
  expect([fleet.results().length, fleet.files().get('results/2026-11-20/a.md')]).toEqual([1, text]);
});

test('a task that has a result by now gets no second one; this one is kept here and said', async () => {
  await finish(fleet, pi, 'a');
  await fleet.commit({ 'results/2026-11-19/a.md': 'somebody was faster' });
  await pi.round(folder);
  expect(fleet.results()).toEqual(['results/2026-11-19/a.md']);
  expect(pi.told('fenced')).toMatchObject([{ id: 'a', keptAt: '/kept/a.md' }]);
  expect([pi.told('recorded'), pi.context.held.size, fleet.refs()]).toEqual([[], 0, ['workers/pi']]);
});

test('a record that a broken push left beside its own result is cleared away, and the result counts as recorded', async () => {
  await finish(fleet, pi, 'a');
  const [concluded] = pi.context.held.in('concluded');
  if (concluded?.phase.conclusion.kind !== 'result') throw new Error('no result');
  await fleet.commit({ 'results/2026-11-20/a.md': renderResult(concluded.phase.conclusion.result) });
  await pi.round(folder);
  expect([pi.told('recorded').length, pi.told('fenced'), fleet.refs()]).toEqual([1, [], ['workers/pi']]);
});

test('the result of a task that was removed in the last moment says cancelled', async () => {
  await finish(fleet, pi, 'a');
  await fleet.commit({ 'tasks/a.md': null });
  await pi.round(folder);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'cancelled', byMe: true }]);
});

test('parked results of a worker that is gone are folded by whoever sees them', async () => {
  const vm = await fleet.boot('vm');
  await pi.look();
  await pi.beat();
  await finish(fleet, vm, 'a');
  const theirs = new Folder(vm.context);
  theirs.noticeFold(fleet.clock.elapsedMs());
  await vm.round(theirs);
  expect(vm.told('parked')).toHaveLength(1);
  const beat = await vm.context.heartbeat.beat([], 'stopped');
  if (beat) await vm.context.pusher.push('heartbeat', [beat]);
  await pi.round(folder);
  expect(fleet.results()).toHaveLength(1);
  expect(subject()).toMatch(/^done: a \(\w+, <1s\) on vm$/);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: true }]);
});

/** Who hears of which results from now on. */
function listen({ context }: Machine): string[] {
  const told: string[] = [];
  context.notifier.finished = async ({ id, state }) => void told.push(`${id} ${state}`);
  return told;
}

/** A machine that has parked the result of this task and is gone, or still there. */
async function parkElsewhere(id: string, change: (result: Result) => Result = (result) => result): Promise<Machine> {
  const vm = await fleet.boot('vm');
  await pi.look();
  await pi.beat();
  await finish(fleet, vm, id);
  const [concluded] = vm.context.held.in('concluded');
  if (concluded?.phase.conclusion.kind !== 'result') throw new Error('no result');
  concluded.held.phase = { name: 'concluded', conclusion: { kind: 'result', result: change(concluded.phase.conclusion.result) } };
  const theirs = new Folder(vm.context);
  theirs.noticeFold(fleet.clock.elapsedMs());
  await vm.round(theirs);
  expect(vm.told('parked')).toHaveLength(1);
  return vm;
}

test('where the answer to a fold of somebody else’s result was lost, people hear of it once it is seen to be recorded', async () => {
  const vm = await parkElsewhere('a');
  const beat = await vm.context.heartbeat.beat([], 'stopped');
  if (beat) await vm.context.pusher.push('heartbeat', [beat]);
  const told = listen(pi);
  fleet.remote.loseNextAnswer();
  await pi.round(folder);
  expect([fleet.results().length, told]).toEqual([1, []]);
  for (let again = 0; again < 2; again++) await pi.round(folder);
  expect(told).toEqual(['a done']);
});

test('of what was given up after a loss people hear from whoever records it: its owner is back, and may know nothing of it', async () => {
  await parkElsewhere('a', (result) => ({
    ...result,
    state: 'failed',
    attempts: result.attempts.map((attempt) => ({ ...attempt, outcome: 'lost' })),
  }));
  const told = listen(pi);
  for (let again = 0; again < 2; again++) await pi.round(folder);
  expect([fleet.results().length, told]).toEqual([1, ['a failed']]);
});

test('a cancelled result of somebody else is not taken back by one view that shows the file: the branch in it may be older', async () => {
  const vm = await parkElsewhere('a', (result) => ({ ...result, state: 'cancelled' }));
  const beat = await vm.context.heartbeat.beat([], 'stopped');
  if (beat) await vm.context.pusher.push('heartbeat', [beat]);
  await pi.round(folder);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('parked');
  await pi.round(folder);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('waiting');
});

test('a key that somebody deleted keeps no result from being recorded', async () => {
  await fleet.commit({ 'tasks/k.md': '---\nagent: command\nkey: deploy\n---\nDo k.\n' });
  await run(pi);
  await pi.runner.end('k');
  expect(fleet.refs()).toContainEqual(expect.stringMatching(/^keys\//));
  for (const ref of [...fleet.remote.refs.keys()]) if (ref.startsWith('refs/errand/keys/')) fleet.remote.refs.delete(ref);
  await pi.round(folder);
  expect([fleet.results(), fleet.refs()]).toEqual([['results/2026-11-20/k.md'], ['workers/pi']]);
});
