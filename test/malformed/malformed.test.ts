import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerEvent } from '@errand/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { BAD_TASKS } from './bad-tasks.ts';

/** What is read of `errand status --json`. */
interface StatusReport {
  invalid: { path: string; line: number; column: number; code: string; message: string; hint: string | null }[];
  tasks: { id: string; path: string; state: string; reason: string }[];
}

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
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` +\|/gm)].map((match) => match[1] ?? '');
  const ofResultsOrNoSchema = [
    'result-without-front-matter',
    'bad-state',
    'bad-attempts',
    'missing-key',
    'bad-type',
    'bad-value',
    // Not of the text: what stands in the file's place, and what a remote left out.
    'not-a-file',
    'content-missing',
    // Of a whole queue.
    'dependency-cycle',
    'id-finished',
  ];
  expect(BAD_TASKS.map(({ code }) => code).sort()).toEqual(listed.filter((code) => !ofResultsOrNoSchema.includes(code)).sort());
  expect(BAD_TASKS.length).toBeGreaterThanOrEqual(25);
});

test('the good ones beside them are done', async () => {
  for (const id of GOOD) {
    expect((await scene.results(id)).map(({ result }) => [result.id, result.state, result.answer])).toEqual([
      [id, 'done', 'fine'],
    ]);
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

test('status names each of them with line, column, reason and remedy', async () => {
  const still = BAD_TASKS.filter(({ id }) => id !== 'bad-bad-title');
  const { exitCode, stdout, stderr } = await scene.errand('laptop', 'status', '--json');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const report = JSON.parse(stdout) as StatusReport;
  const named = report.invalid.map(({ path, line, code }) => `${path}:${line} ${code}`);
  expect(named.sort()).toEqual(still.map(({ id, line, code }) => `tasks/${id}.md:${line} ${code}`).sort());
  for (const { path, column, message, hint } of report.invalid) {
    expect({ path, column, message, hint }).toEqual({
      path,
      column: expect.any(Number),
      message: expect.stringMatching(/.{10,}/),
      hint: expect.stringMatching(/.{10,}/),
    });
  }
  for (const { id, line } of still) {
    const task = report.tasks.find((one) => one.id === id);
    expect(task, id).toMatchObject({ state: 'invalid', path: `tasks/${id}.md` });
    expect(task?.reason, id).toMatch(new RegExp(`^line ${line}, column \\d+: .+`));
  }
});

test('the same status for people has a line for each', async () => {
  const { stdout } = await scene.errand('laptop', 'status');
  for (const { id, line, code } of BAD_TASKS.filter((one) => one.id !== 'bad-bad-title')) {
    expect(stdout).toMatch(new RegExp(`tasks/${id}\\.md:${line}:\\d+ ${code}\\n +\\S.+`));
  }
});

test('a symbolic link for a task, and a queue file with an error, are told of once and stop nobody', async () => {
  const bob = await scene.person('Carl');
  await symlink('good-1.md', join(bob.dir, 'tasks', 'link.md'));
  await bob.write('config/errand.yaml', 'defaults: { agnt: claude }\n');
  await bob.writeTask('good-6', script('echo fine'));
  await bob.commit('more of both');
  await bob.push();
  await worker.waitFor(isEvent('recorded', 'good-6'), 'the result of good-6');
  const ofLink = invalid().filter(({ path }) => path === 'tasks/link.md');
  expect(ofLink).toMatchObject([
    { problems: [{ code: 'not-a-file', line: 1, message: expect.stringContaining('symbolic link') }] },
  ]);
  const ofConfig = worker.events.filter(isEvent('config-invalid'));
  expect(ofConfig).toMatchObject([{ problems: [{ path: 'config/errand.yaml', line: 1, code: 'unknown-key' }] }]);
});

test('nobody has claimed a bad one', async () => {
  expect(
    worker.events.filter((event) => event.type === 'claimed' && event.id.startsWith('bad-') && event.id !== 'bad-bad-title'),
  ).toEqual([]);
  expect(await scene.leftovers()).toEqual([]);
  expect(worker.events.filter(isEvent('trouble'))).toEqual([]);
});
