import { branchRef, taskRef } from '@errand/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine } from '../rig/fleet.ts';
import { finish, run } from '../rig/steps.ts';
import { Folder } from './folder.ts';

let fleet: Fleet;
let pi: Machine;
let folder: Folder;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi', { config: { slots: 4 } });
  folder = new Folder(pi.context);
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** The server refuses every commit with a result that has this text in it. */
function refuseText(...words: string[]): void {
  fleet.remote.hook = ({ ref, to }) => {
    if (ref !== branchRef('main') || to === null) return null;
    const bad = [...fleet.files(to).values()].some((text) => words.some((word) => text.includes(word)));
    return bad ? 'secret found' : null;
  };
}

test('one bad result does not hold up the others: each alone, the bad one without its answer, which stays here', async () => {
  await finish(fleet, pi, 'a', 'b', 'c');
  refuseText('the answer of b');
  for (let step = 0; step < 6; step++) {
    await pi.round(folder);
    fleet.clock.advance(1_000);
  }
  expect(fleet.results()).toHaveLength(3);
  expect([fleet.answerOf('a'), fleet.answerOf('c')]).toEqual(['the answer of a', 'the answer of c']);
  expect(fleet.answerOf('b')).toBe('The git server refused to store this answer. It is kept on pi: /kept/b.md');
  expect(pi.runner.kept.map(({ answer }) => answer)).toContain('the answer of b');
  expect(pi.told('refused').map(({ ids }) => ids)).toEqual([['a', 'b', 'c'], ['b']]);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a branch that takes nothing is left alone for a minute, with everything kept', async () => {
  await finish(fleet, pi, 'a');
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
  expect([fleet.results().length, fleet.answerOf('a')]).toEqual([1, 'the answer of a']);
});

/** A parked record under `vm`'s name whose file this version cannot parse. */
async function parkUnreadable(id: string, text: string): Promise<void> {
  const vm = await fleet.boot('vm', { config: { slots: 1 } });
  await pi.look();
  await pi.beat();
  await finish(fleet, vm, id);
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
  await finish(fleet, pi, 'a');
  const answerAgain = leaveFoldsUnanswered(pi);
  await goRound(12);
  expect([fleet.results(), pi.told('refused')]).toEqual([[], []]);
  answerAgain();
  await goRound(1);
  expect(fleet.answerOf('a')).toBe('the answer of a');
});

test('a large result whose folds have no answer again and again, while other pushes have one, goes without its answer', async () => {
  await fleet.addTasks('a');
  await run(pi);
  await pi.runner.end('a', 'done', 'x'.repeat(100_000));
  const answerAgain = leaveFoldsUnanswered(pi);
  await goRound(8);
  expect(pi.told('refused').map(({ ids }) => ids)).toEqual([['a']]);
  answerAgain();
  await goRound(1);
  expect(fleet.answerOf('a')).toMatch(/^The git server refused to store this answer/);
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
  expect(fleet.answerOf('a')).toBe('The git server refused to store this answer. It is kept on pi: /kept/a.md');
  expect(pi.runner.kept.map(({ answer }) => answer)).toEqual(['from the future, with a secret\n']);
});
