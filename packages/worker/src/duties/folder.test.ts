import { branchRef, taskRef } from '@errand/queue';
import { parseResult, type Result, renderResult } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
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

/** Claims, runs and finishes these tasks on a machine. */
async function finish(machine: Machine, ...ids: string[]): Promise<void> {
  // For this machine alone: another that lives might be first in line for them.
  const head = `machine: ${machine.context.machine.machine}\n`;
  await fleet.commit(Object.fromEntries(ids.map((id) => [`tasks/${id}.md`, taskText(id, head)])));
  await machine.round(new Claimer(machine.context));
  await machine.round(new Keeper(machine.context));
  for (const id of ids) await machine.runner.end(id);
}

const results = () => [...fleet.files().keys()].filter((path) => path.startsWith('results/') && path.endsWith('.md'));
const answerOf = (id: string) => {
  const parsed = parseResult('x', fleet.files().get(`results/2026-11-20/${id}.md`) ?? '');
  return parsed.ok ? parsed.value.answer : null;
};
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
  await finish(pi, 'a');
  await pi.round(folder);
  expect([results(), answerOf('a')]).toEqual([['results/2026-11-20/a.md'], 'the answer of a']);
  expect(subject()).toMatch(/^done: a \(\w+, <1s\) on pi$/);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: true }]);
  expect([pi.context.held.size, await pi.context.journal.read(), fleet.refs()]).toEqual([0, [], ['workers/pi']]);
});

test('results of one round go in one commit', async () => {
  await finish(pi, 'a', 'b', 'c');
  const before = fleet.tip;
  await pi.round(folder);
  expect([results().length, subject()]).toEqual([3, 'results: 3 done']);
  expect(fleet.remote.objects.commit(fleet.tip ?? '')?.parents).toEqual([before]);
});

test('between two folds there is a gap, whoever made the last one; alone, the result waits in the journal', async () => {
  await finish(pi, 'a');
  await pi.round(folder);
  await finish(pi, 'b');
  const pushes = fleet.remote.pushes;
  fleet.clock.advance(999);
  await pi.round(folder);
  expect([fleet.remote.pushes, results().length]).toEqual([pushes, 1]);
  fleet.clock.advance(1);
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  expect(results().length).toBe(1);
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect(results().length).toBe(2);
});

test('a remote with a push budget gets a longer gap', async () => {
  pi.context.budget.divide(6, { mine: 1, others: 0 });
  folder.noticeFold(fleet.clock.elapsedMs());
  await finish(pi, 'a');
  fleet.clock.advance(4_999);
  await pi.round(folder);
  expect(results()).toEqual([]);
  fleet.clock.advance(1);
  await pi.round(folder);
  expect([results().length, answerOf('a')]).toEqual([1, 'the answer of a']);
});

test('where pushes are few, nothing is parked: that would cost as much as the fold', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  pi.context.budget.divide(6, { mine: 1, others: 1 });
  await finish(pi, 'a');
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  fleet.clock.advance(5_000);
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  expect(results()).toEqual([]);
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect([results().length, pi.told('parked')]).toEqual([1, []]);
});

test('while others live, a result that has to wait is parked', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  await finish(pi, 'a');
  folder.noticeFold(fleet.clock.elapsedMs());
  await pi.round(folder);
  expect(pi.told('parked')).toEqual([{ type: 'parked', id: 'a' }]);
  expect(need((await fleet.view()).records, 'a').value).toMatchObject({ state: 'parked', worker: 'pi', result_state: 'done' });
  fleet.clock.advance(1_000);
  await pi.round(folder);
  expect([results().length, fleet.refs()]).toEqual([1, ['workers/pi', 'workers/vm']]);
});

test('a lost race parks the result while others live, and one winner records the work of all', async () => {
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  await finish(pi, 'a');
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect(pi.told('parked')).toEqual([{ type: 'parked', id: 'a' }]);
  await finish(vm, 'b');
  const folderOfVm = new Folder(vm.context);
  await vm.round(folderOfVm);
  expect([results().length, vm.told('parked').length]).toEqual([0, 1]);
  fleet.clock.advance(500);
  await vm.round(folderOfVm);
  expect([results().length, fleet.refs(), subject()]).toEqual([2, ['workers/pi', 'workers/vm'], 'results: 2 done']);
  await pi.round(new Keeper(pi.context));
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
});

test('alone, a lost race is folded again after a jittered pause without a push in between', async () => {
  await finish(pi, 'a');
  const view = await pi.look();
  raceOnce();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect(pi.told('parked')).toEqual([]);
  await pi.round(folder);
  expect(results()).toEqual([]);
  fleet.clock.advance(50);
  await pi.round(folder);
  expect(results()).toHaveLength(1);
});

test('a fold whose answer was lost is found in the next view and not made twice', async () => {
  await finish(pi, 'a');
  const view = await pi.look();
  fleet.remote.loseNextAnswer();
  await folder.tend(view);
  await pi.context.pusher.flush();
  expect([results().length, pi.told('recorded')]).toEqual([1, []]);
  const tip = fleet.tip;
  await pi.round(new Keeper(pi.context), folder);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'done', byMe: false }]);
  expect([fleet.tip, pi.context.held.size]).toEqual([tip, 0]);
});

test('a fold that is applied late, after it was made again, changes nothing', async () => {
  await finish(pi, 'a');
  const view = await pi.look();
  fleet.remote.holdNextPush();
  await folder.tend(view);
  await pi.context.pusher.flush();
  fleet.clock.advance(5_000);
  await pi.round(folder);
  const text = fleet.files().get('results/2026-11-20/a.md');
  fleet.remote.deliverHeld();
  expect([results().length, fleet.files().get('results/2026-11-20/a.md')]).toEqual([1, text]);
});

test('a task that has a result by now gets no second one; this one is kept here and said', async () => {
  await finish(pi, 'a');
  await fleet.commit({ 'results/2026-11-19/a.md': 'somebody was faster' });
  await pi.round(folder);
  expect(results()).toEqual(['results/2026-11-19/a.md']);
  expect(pi.told('fenced')).toMatchObject([{ id: 'a', keptAt: '/kept/a.md' }]);
  expect([pi.told('recorded'), pi.context.held.size, fleet.refs()]).toEqual([[], 0, ['workers/pi']]);
});

test('a record that a broken push left beside its own result is cleared away, and the result counts as recorded', async () => {
  await finish(pi, 'a');
  const [concluded] = pi.context.held.in('concluded');
  if (concluded?.phase.conclusion.kind !== 'result') throw new Error('no result');
  await fleet.commit({ 'results/2026-11-20/a.md': renderResult(concluded.phase.conclusion.result) });
  await pi.round(folder);
  expect([pi.told('recorded').length, pi.told('fenced'), fleet.refs()]).toEqual([1, [], ['workers/pi']]);
});

test('the result of a task that was removed in the last moment says cancelled', async () => {
  await finish(pi, 'a');
  await fleet.commit({ 'tasks/a.md': null });
  await pi.round(folder);
  expect(pi.told('recorded')).toEqual([{ type: 'recorded', id: 'a', state: 'cancelled', byMe: true }]);
});

test('parked results of a worker that is gone are folded by whoever sees them', async () => {
  const vm = await fleet.boot('vm');
  await pi.look();
  await pi.beat();
  await finish(vm, 'a');
  const theirs = new Folder(vm.context);
  theirs.noticeFold(fleet.clock.elapsedMs());
  await vm.round(theirs);
  expect(vm.told('parked')).toHaveLength(1);
  const beat = await vm.context.heartbeat.beat([], 'stopped');
  if (beat) await vm.context.pusher.push('heartbeat', [beat]);
  await pi.round(folder);
  expect(results()).toHaveLength(1);
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
  await finish(vm, id);
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
  expect([results().length, told]).toEqual([1, []]);
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
  expect([results().length, told]).toEqual([1, ['a failed']]);
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

/** The server refuses every commit with a result that has this text in it. */
function refuseText(...words: string[]): void {
  fleet.remote.hook = ({ ref, to }) => {
    if (ref !== branchRef('main') || to === null) return null;
    const bad = [...fleet.files(to).values()].some((text) => words.some((word) => text.includes(word)));
    return bad ? 'secret found' : null;
  };
}

test('one bad result does not hold up the others: each alone, the bad one without its answer, which stays here', async () => {
  await finish(pi, 'a', 'b', 'c');
  refuseText('the answer of b');
  for (let step = 0; step < 6; step++) {
    await pi.round(folder);
    fleet.clock.advance(1_000);
  }
  expect(results()).toHaveLength(3);
  expect([answerOf('a'), answerOf('c')]).toEqual(['the answer of a', 'the answer of c']);
  expect(answerOf('b')).toBe('The git server refused to store this answer. It is kept on pi: /kept/b.md');
  expect(pi.runner.kept.map(({ answer }) => answer)).toContain('the answer of b');
  expect(pi.told('refused').map(({ ids }) => ids)).toEqual([['a', 'b', 'c'], ['b']]);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a branch that takes nothing is left alone for a minute, with everything kept', async () => {
  await finish(pi, 'a');
  fleet.remote.hook = ({ ref }) => (ref === branchRef('main') ? 'protected branch' : null);
  await pi.round(folder);
  await pi.round(folder);
  expect(pi.told('refused').map(({ text }) => text)).toEqual([
    'the server refused the result of a (protected branch); it is tried without its answer, which is kept here; nothing is lost',
    "the server refused the result of a even without its answer (protected branch); check the server's hooks and branch rules; it is tried again in a minute; nothing is lost",
  ]);
  const { pushes } = fleet.remote;
  fleet.clock.advance(59_999);
  await pi.round(folder);
  expect([fleet.remote.pushes, pi.context.held.size]).toEqual([pushes, 1]);
  fleet.remote.hook = () => null;
  fleet.clock.advance(1);
  await pi.round(folder);
  expect([results().length, answerOf('a')]).toEqual([1, 'the answer of a']);
});

/** A parked record under `vm`'s name whose file this version cannot parse. */
async function parkUnreadable(id: string, text: string): Promise<void> {
  const vm = await fleet.boot('vm', { config: { slots: 1 } });
  await pi.look();
  await pi.beat();
  await finish(vm, id);
  const theirs = new Folder(vm.context);
  theirs.noticeFold(fleet.clock.elapsedMs());
  await vm.round(theirs);
  const ref = taskRef(id);
  const port = fleet.clone();
  await port.fetch();
  const oid = fleet.remote.refs.get(ref) ?? '';
  const raw = (await port.read(oid))?.content.toString() ?? '';
  const tree = await port.writeTree([{ mode: '100644', name: 'result.md', oid: await port.writeBlob(text) }]);
  const to = await port.writeCommit({ tree, parents: [oid], message: raw.slice(raw.indexOf('\n\n') + 2) });
  await port.push([{ ref, to, expect: oid }]);
  fleet.remote.refs.delete('refs/errand/workers/vm');
}

/** Folds get no answer, as in front of a server that is busy or takes no such size; other pushes have theirs. Gives back how it ends. */
function leaveFoldsUnanswered(machine: Machine): () => void {
  const { port } = machine.context.queue;
  const push = port.push.bind(port);
  port.push = async (updates, options) => {
    if (!updates.some(({ ref }) => ref === branchRef('main'))) return push(updates, options);
    const cause = { kind: 'transient' as const, message: 'the requested URL returned error: 429' };
    return { refs: new Map(updates.map(({ ref }) => [ref, { state: 'unknown' as const }])), ok: false, cause };
  };
  return () => {
    port.push = push;
  };
}

/** Rounds with a sign of life in each, which has its answer. */
async function goRound(times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    fleet.clock.advance(60_000);
    await pi.beat();
    await pi.round(folder);
  }
}

test('folds that a busy server does not answer cost no answer: it is recorded whole when the server is back', async () => {
  await finish(pi, 'a');
  const answerAgain = leaveFoldsUnanswered(pi);
  await goRound(12);
  expect([results(), pi.told('refused')]).toEqual([[], []]);
  answerAgain();
  await goRound(1);
  expect(answerOf('a')).toBe('the answer of a');
});

test('a large result whose folds have no answer again and again, while other pushes have one, goes without its answer', async () => {
  await fleet.addTasks('a');
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  await pi.runner.end('a', 'done', 'x'.repeat(100_000));
  const answerAgain = leaveFoldsUnanswered(pi);
  await goRound(8);
  expect(pi.told('refused').map(({ ids }) => ids)).toEqual([['a']]);
  answerAgain();
  await goRound(1);
  expect(answerOf('a')).toMatch(/^The git server refused to store this answer/);
});

test('a parked text that this version cannot read is recorded as it is', async () => {
  await parkUnreadable('a', 'from the future\n');
  await pi.round(folder);
  expect(fleet.files().get('results/2026-11-20/a.md')).toBe('from the future\n');
});

test('a parked text that cannot be read and is refused is recorded by what its record says, and kept here', async () => {
  await parkUnreadable('a', 'from the future, with a secret\n');
  refuseText('with a secret');
  await pi.round(folder);
  await pi.round(folder);
  expect(answerOf('a')).toBe('The git server refused to store this answer. It is kept on pi: /kept/a.md');
  expect(pi.runner.kept.map(({ answer }) => answer)).toEqual(['from the future, with a secret\n']);
});

test('a key that somebody deleted keeps no result from being recorded', async () => {
  await fleet.commit({ 'tasks/k.md': '---\nagent: command\nkey: deploy\n---\nDo k.\n' });
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  await pi.runner.end('k');
  expect(fleet.refs()).toContainEqual(expect.stringMatching(/^keys\//));
  for (const ref of [...fleet.remote.refs.keys()]) if (ref.startsWith('refs/errand/keys/')) fleet.remote.refs.delete(ref);
  await pi.round(folder);
  expect([results(), fleet.refs()]).toEqual([['results/2026-11-20/k.md'], ['workers/pi']]);
});
