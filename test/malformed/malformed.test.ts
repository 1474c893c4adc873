import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerEvent } from '@errand/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { look } from '../rig/look.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { BAD_TASKS } from './bad-tasks.ts';

const GOOD = ['good-1', 'good-2', 'good-3', 'good-4', 'good-5'];

let scene: Scene;
let worker: WorkerProcess;

beforeAll(async () => {
  scene = await Scene.open();
  const ada = await scene.person();
  await mkdir(join(ada.dir, 'tasks'));
  for (const { id, text } of BAD_TASKS) writeFileSync(join(ada.dir, 'tasks', `${id}.md`), text);
  // Around the bad ones in every order that a worker could read them in.
  for (const id of GOOD) await ada.writeTask(id, script(`echo fine`));
  await ada.commit('good and bad');
  await ada.push();
  worker = await scene.worker('pi', { slots: 3 });
  for (const id of GOOD) await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
});

afterAll(() => scene[Symbol.asyncDispose]());

const invalid = (): Extract<WorkerEvent, { type: 'invalid' }>[] => worker.events.filter(isEvent('invalid'));

test('there is a bad file for every code that a task can have', () => {
  const page = readFileSync(new URL('../../docs/files.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1] ?? '');
  const ofResultsOrNoSchema = ['result-without-front-matter', 'bad-state', 'bad-attempts', 'missing-key', 'bad-type', 'bad-value'];
  expect(BAD_TASKS.map(({ code }) => code).sort()).toEqual(listed.filter((code) => !ofResultsOrNoSchema.includes(code)).sort());
  expect(BAD_TASKS.length).toBeGreaterThanOrEqual(25);
});

test('the good ones beside them are done', async () => {
  for (const id of GOOD) {
    expect((await scene.results(id)).map(({ result }) => [result.id, result.state, result.answer])).toEqual([[id, 'done', 'fine']]);
  }
});

test('each bad one is told of once, with its place and its code', () => {
  const told = invalid().map(({ path, problems }) => [path, problems.map(({ code, line }) => `${line} ${code}`)]);
  expect(told.sort()).toEqual(BAD_TASKS.map(({ id, code, line }) => [`tasks/${id}.md`, [`${line} ${code}`]]).sort());
});

test('a bad one is told of again when it was edited and is still bad, and runs when it is good', async () => {
  const ada = await scene.person('Bob');
  await ada.writeTask('bad-bad-hold', '---\nhold: perhaps\n---\nDo it.\n');
  await ada.writeTask('bad-bad-title', script('echo mended'));
  await ada.commit('mend');
  await ada.push();
  await worker.waitFor(isEvent('recorded', 'bad-bad-title'), 'the mended task');
  const ofHold = invalid().filter(({ path }) => path === 'tasks/bad-bad-hold.md');
  expect(ofHold.map(({ problems }) => problems[0]?.message)).toEqual([expect.any(String), expect.stringContaining('perhaps')]);
  expect(invalid()).toHaveLength(BAD_TASKS.length + 1);
});

test('somebody who looks sees each of them as invalid, with line and reason', async () => {
  const { tasks } = await look(scene);
  for (const { id, line } of BAD_TASKS.filter((one) => one.id !== 'bad-bad-title')) {
    expect(tasks.get(id), id).toMatchObject({ id, path: `tasks/${id}.md`, state: 'invalid' });
    expect(tasks.get(id)?.reason, id).toMatch(new RegExp(`^line ${line}, column \\d+: .+`));
  }
  expect([...tasks.keys()].sort()).toEqual(BAD_TASKS.map(({ id }) => id).filter((id) => id !== 'bad-bad-title').sort());
});

test('nobody has claimed a bad one', async () => {
  expect(worker.events.filter((event) => event.type === 'claimed' && event.id.startsWith('bad-') && event.id !== 'bad-bad-title')).toEqual([]);
  expect(await scene.leftovers()).toEqual([]);
  expect(worker.events.filter(isEvent('trouble'))).toEqual([]);
});
