import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttemptEntry, type Result, renderResult } from '@errand/task';
import { Person, pathRemote, type TemporaryDirectory, type TestRemote, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Dice } from '../rig/dice.ts';
import { compareWithRuns, readRecorded } from './checks.ts';
import { Evidence } from './evidence.ts';
import { makeWork, type Work } from './work.ts';

const TEXT = 'Do it.\n';
/** Not that of `TEXT`. */
const BLOB = '1'.repeat(40);

let folder: TemporaryDirectory;
let remote: TestRemote;
let ada: Person;

beforeEach(async () => {
  folder = temporaryDirectory();
  remote = await pathRemote();
  ada = await Person.clone(remote, join(folder.path, 'ada'));
});
afterEach(async () => {
  await remote[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** What a result says. */
type Said = Partial<Pick<Result, 'state' | 'answer' | 'taskText'>> & Partial<Pick<AttemptEntry, 'outcome' | 'cause'>>;

function result(id: string, task: string, worker = 'pi', said: Said = {}): string {
  const { state = 'done', answer = `${id} is done`, taskText = TEXT, outcome = 'done', cause } = said;
  const at = '2026-11-20T09:00:00.000Z';
  const attempts = [{ attempt: 1, worker, agent: 'command', ended_at: at, outcome, ...(cause && { cause }), task }];
  return renderResult({
    schema: 1,
    id,
    state,
    task,
    nonce: 'n',
    finished_at: at,
    attempts,
    answer,
    taskText,
  });
}

async function record(files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) await ada.write(path, text);
  await ada.commit();
  await ada.push();
}

test('a result that was added once is read; one that was changed or comes twice is named', async () => {
  await record({ 'results/2026-11-20/a.md': result('a', BLOB), 'results/2026-11-20/b.md': result('b', BLOB) });
  expect(await readRecorded(remote.repository)).toMatchObject({ problems: [] });
  await record({ 'results/2026-11-20/a.md': result('a', BLOB, 'vm'), 'results/2026-11-21/b.md': result('b', BLOB) });
  const { results, problems } = await readRecorded(remote.repository);
  expect([...results.keys()].sort()).toEqual(['a', 'b']);
  expect(problems.sort()).toEqual([
    'b was recorded twice: results/2026-11-21/b.md, results/2026-11-20/b.md',
    'results/2026-11-20/a.md was touched (M) after it was recorded',
  ]);
});

test('what is recorded is held against what ran and what was asked for', async () => {
  await ada.writeTask('a', TEXT);
  const name = (await ada.git('hash-object', 'tasks/a.md')).trim();
  await record({ 'results/2026-11-20/a.md': result('a', name), 'results/2026-11-20/c.md': result('c', name) });
  using evidence = new Evidence(join(folder.path, 'runs'), () => {});
  const work = (id: string, machine: string | null = null): [string, Work] => [
    id,
    { id, key: null, machine, text: TEXT, answer: `${id} is done`, failsIn: () => false },
  ];
  const { results } = await readRecorded(remote.repository);
  expect(compareWithRuns(new Map([work('a', 'vm'), work('b')]), results, evidence)).toEqual([
    'a is recorded as done by an attempt that did not come to its end',
    "a was for vm alone, and attempt 1 was pi's",
    'b was lost: it has no result',
    'c has a result, and nobody filed it',
  ]);
  appendFileSync(evidence.path, 'start a 1 pi 1\nend a 1 pi 1 2\nstart c 1 pi 1\nend c 1 pi 1 2\n');
  evidence.readOn();
  expect(compareWithRuns(new Map([work('a'), work('c')]), results, evidence)).toEqual([]);
});

test('a result whose task is not word for word what was run is named', async () => {
  await record({ 'results/2026-11-20/a.md': result('a', BLOB) });
  using evidence = new Evidence(join(folder.path, 'runs'), () => {});
  appendFileSync(evidence.path, 'start a 1 pi 1\nend a 1 pi 1 2\n');
  evidence.readOn();
  const { results } = await readRecorded(remote.repository);
  const work: Work = { id: 'a', key: null, machine: null, text: TEXT, answer: 'a is done', failsIn: () => false };
  expect(compareWithRuns(new Map([['a', work]]), results, evidence)).toEqual([
    'the result of a does not tell its task word for word',
  ]);
});

/** The first that chance makes and that fits. */
function findWork(fits: (work: Work) => boolean): Work {
  const dice = new Dice(1);
  for (let number = 1; ; number++) {
    const work = makeWork(dice, number, ['pi']);
    if (work.machine === null && fits(work)) return work;
  }
}

/** What is found where this is recorded, as done if nothing else is said, and its agent noted that it came to its end. */
async function compare(work: Work, said: Said = {}): Promise<string[]> {
  const { id } = work;
  await ada.writeTask(id, said.taskText ?? work.text);
  const name = (await ada.git('hash-object', `tasks/${id}.md`)).trim();
  await record({ [`results/2026-11-20/${id}.md`]: result(id, name, 'pi', { taskText: work.text, ...said }) });
  using evidence = new Evidence(join(folder.path, `runs of ${id}`), () => {});
  appendFileSync(evidence.path, `start ${id} 1 pi 1\nend ${id} 1 pi 1 2\n`);
  evidence.readOn();
  const { results } = await readRecorded(remote.repository);
  return compareWithRuns(new Map([[id, work]]), results, evidence);
}

test('a task that always fails cannot be done, though its agent came to its end', async () => {
  const work = findWork(({ answer, text }) => answer === null && text.endsWith('\nexit 3\n'));
  expect(await compare(work)).toEqual([`${work.id} is recorded as done, and its agent always fails`]);
});

const otherAnswer = (id: string): string[] => [`${id} is recorded with an answer that its agent did not give: "(no output)"`];

test.each([
  ['works at once', {}, () => []],
  ['works at once', { answer: '(no output)' }, otherAnswer],
  ['fails at first', {}, () => []],
  ['fails at first', { answer: '(no output)' }, otherAnswer],
])('one that %s is done with the answer of its agent and no other: %j', async (how, said, problems) => {
  const work = findWork(({ answer, text }) => answer !== null && text.includes('|| exit 3') === (how === 'fails at first'));
  expect(await compare(work, said)).toEqual(problems(work.id));
});

test.each([
  ['always fails', 'exit status 3', false],
  ['fails at first', 'exit status 3', false],
  ['works at once', 'killed by SIGKILL', false],
  ['works at once', 'exit status 137 (128 + SIGKILL)', false],
  ['works at once', 'exit status 3', true],
  ['works at once', '', true],
])('one that %s is told to have failed with the cause "%s", wrongly: %j', async (how, cause, isWrong) => {
  const howOf = ({ answer, failsIn }: Work): string =>
    answer === null ? 'always fails' : failsIn(1) ? 'fails at first' : 'works at once';
  const work = findWork((one) => howOf(one) === how);
  const problem = `attempt 1 of ${work.id} is told to have failed (${cause}), which its agent did not, and no signal struck it`;
  expect(await compare(work, { state: 'failed', outcome: 'failed', cause })).toEqual(isWrong ? [problem] : []);
});

test('a task is not failed whose last attempt is done', async () => {
  const work = findWork(({ answer }) => answer !== null);
  expect(await compare(work, { state: 'failed' })).toEqual([`${work.id} is recorded as failed, and its last attempt as done`]);
});

test('a result that tells another task than the one that was filed is named, though git knew that one by its name', async () => {
  const work = findWork(({ answer }) => answer !== null);
  expect(await compare(work, { taskText: work.text.replace('retries: 1', 'retries: 2') })).toEqual([
    `the result of ${work.id} tells another task than the one that was filed`,
  ]);
});
