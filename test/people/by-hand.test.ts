import { join } from 'node:path';
import type { Person } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';

let scene: Scene;
let ada: Person;
let worker: WorkerProcess;
let gates: Gates;

beforeAll(async () => {
  scene = await Scene.open();
  ada = await scene.person();
  await commit('config/errand.yaml', 'defaults: { retries: 3 }\n');
  gates = new Gates(join(scene.folder, 'gates'));
  worker = await scene.worker('pi', { slots: 6 });
});

afterAll(async () => {
  await gates[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

/** Writes (or, with null, removes) a file, commits, pulls where that is needed, and pushes. */
async function commit(path: string, text: string | null): Promise<void> {
  if (text === null) await ada.remove(path);
  else await ada.write(path, text);
  await ada.commit(path);
  await ada.push();
}

/** Waits until the worker has looked at the branch as it is now. */
async function seenByWorker(): Promise<void> {
  const tip = await scene.remote.repository.resolve('refs/heads/main');
  await worker.waitFor((event) => event.type === 'polled' && event.tip === tip, 'a look at the tip');
}

/** The n-th event of one type and task. */
async function nth(type: 'recorded' | 'retrying' | 'spawned', id: string, n: number): Promise<void> {
  let left = n;
  await worker.waitFor((event) => event.type === type && event.id === id && --left === 0, `${type} ${id}, ${n} times`);
}

const blobOf = async (path: string): Promise<string> => (await ada.git('rev-parse', `HEAD:${path}`)).trim();

test('git rm of a task that runs ends it, and the result says cancelled', async () => {
  await commit('tasks/running.md', script(`echo ready\n${await gates.build('running')}\necho never`));
  await worker.waitFor((event) => event.type === 'agent' && event.id === 'running' && event.event.type === 'output', 'running');
  await commit('tasks/running.md', null);
  await nth('recorded', 'running', 1);
  const [only, ...more] = await scene.results('running');
  expect(more).toEqual([]);
  expect(only?.result).toMatchObject({ state: 'cancelled', answer: 'ready', attempts: [{ outcome: 'cancelled' }] });
});

test('git rm of a result runs the task again', async () => {
  await commit('tasks/again.md', script('echo once'));
  await nth('recorded', 'again', 1);
  await ada.pull();
  const [first] = await scene.results('again');
  await commit(first?.path ?? '', null);
  await nth('recorded', 'again', 2);
  const [second, ...more] = await scene.results('again');
  expect(more).toEqual([]);
  expect(second?.result).toMatchObject({ state: 'done', answer: 'once', attempts: [{ attempt: 1, outcome: 'done' }] });
  expect(second?.result.nonce).not.toBe(first?.result.nonce);
});

test('a new task under the id of a finished one does not run until the old result is removed', async () => {
  await commit('tasks/reused.md', script('echo old'));
  await nth('recorded', 'reused', 1);
  await ada.pull();
  await commit('tasks/reused.md', script('echo new'));
  await seenByWorker();
  const status = await scene.errand('laptop', 'show', 'reused');
  expect(status.stdout).toContain('reused');
  const [old] = await scene.results('reused');
  expect(old?.result.answer).toBe('old');
  await commit(old?.path ?? '', null);
  await nth('recorded', 'reused', 2);
  expect((await scene.results('reused')).map(({ result }) => result.answer)).toEqual(['new']);
});

test('an edit while the task runs changes nothing about this run: the result names what it ran', async () => {
  const text = script(`echo ready\n${await gates.build('edited')}\necho one`);
  await commit('tasks/edited.md', text);
  const before = await blobOf('tasks/edited.md');
  await worker.waitFor((event) => event.type === 'agent' && event.id === 'edited' && event.event.type === 'output', 'edited');
  await commit('tasks/edited.md', text.replace('echo one', 'echo two'));
  await seenByWorker();
  await gates.open('edited');
  await nth('recorded', 'edited', 1);
  const [only] = await scene.results('edited');
  expect(only?.result).toMatchObject({ state: 'done', task: before, answer: 'ready\none', taskText: text });
});

test('a rename while the task runs cancels the old id and runs the new one', async () => {
  await commit('tasks/old-name.md', script(`echo ready\n${await gates.build('renamed')}\necho $ERRAND_ID`));
  await worker.waitFor((event) => event.type === 'agent' && event.id === 'old-name' && event.event.type === 'output', 'old-name');
  await ada.git('mv', 'tasks/old-name.md', 'tasks/new-name.md');
  await ada.commit('rename');
  await ada.push();
  await worker.waitFor(isEvent('ended', 'old-name'), 'the end of old-name');
  await gates.open('renamed');
  await nth('recorded', 'new-name', 1);
  await nth('recorded', 'old-name', 1);
  const results = [...(await scene.results('old-name')), ...(await scene.results('new-name'))];
  expect(results.map(({ result }) => [result.id, result.state, result.answer])).toEqual([
    ['old-name', 'cancelled', 'ready'],
    ['new-name', 'done', 'ready\nnew-name'],
  ]);
});

test('git rm of a task that waits for another try leaves nothing of it', async () => {
  await commit('tasks/doomed.md', script('exit 3'));
  await nth('retrying', 'doomed', 1);
  await commit('tasks/doomed.md', null);
  for (;;) {
    const seen = worker.events.length;
    if (!(await scene.leftovers()).includes('refs/errand/tasks/doomed')) break;
    await worker.waitFor(() => worker.events.length > seen, 'the sweep of doomed');
  }
  expect(await scene.results('doomed')).toEqual([]);
});

test('an edit of a task that waits for another try runs it at once, with its history kept', async () => {
  await commit('tasks/corrected.md', script('exit 3'));
  await nth('retrying', 'corrected', 1);
  const before = await blobOf('tasks/corrected.md');
  await commit('tasks/corrected.md', script('echo better'));
  await nth('recorded', 'corrected', 1);
  const after = await blobOf('tasks/corrected.md');
  const [only] = await scene.results('corrected');
  expect(only?.result).toMatchObject({ state: 'done', answer: 'better', task: after });
  expect(only?.result.attempts.at(0)).toMatchObject({ outcome: 'failed', exit_code: 3, task: before });
  expect(only?.result.attempts.at(-1)).toMatchObject({ outcome: 'done', task: after });
});

test('plain text is a task, and says what it waits for where no machine has an agent for it', async () => {
  await commit('tasks/plain.md', 'Say hello to everybody.\n');
  await seenByWorker();
  const status = await scene.errand('laptop', 'status', '--json');
  const { tasks, invalid } = JSON.parse(status.stdout) as { tasks: { id: string }[]; invalid: unknown[] };
  // The text that was edited while its first version ran, and has not run itself.
  expect(invalid).toMatchObject([{ path: 'tasks/edited.md', code: 'id-finished' }]);
  expect(tasks.filter(({ id }) => id !== 'edited')).toMatchObject([
    {
      id: 'plain',
      title: 'Say hello to everybody.',
      state: 'queued',
      reason: expect.stringContaining('agent'),
      worker: null,
      attempt: 0,
    },
  ]);
  expect(worker.events.filter(isEvent('claimed', 'plain'))).toEqual([]);
});

test('nothing of all this is left in the refs, and no pull had to be repaired', async () => {
  await ada.pull();
  expect(await ada.git('status', '--short')).toBe('');
  expect(await scene.leftovers()).toEqual([]);
  expect(worker.events.filter(({ type }) => type === 'trouble' || type === 'fenced')).toEqual([]);
});
