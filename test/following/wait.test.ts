import { join } from 'node:path';
import type { Person } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { CliProcess } from './cli-process.ts';

let scene: Scene;
let ada: Person;
let worker: WorkerProcess;
let gates: Gates;

beforeAll(async () => {
  scene = await Scene.open();
  ada = await scene.person();
  await ada.write('config/errand.yaml', 'defaults: { retries: 0 }\n');
  await ada.commit('config');
  await ada.push();
  gates = new Gates(join(scene.folder, 'gates'));
  worker = await scene.worker('pi', { slots: 6 });
});

afterAll(async () => {
  await gates[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

/** Files a task for the command agent on `pi`, where the worker is, and waits for it. */
function delegate(script: string, ...options: string[]): CliProcess {
  return new CliProcess(scene, 'pi', 'delegate', '--wait', '--agent', 'command', ...options, 'pi', script);
}

/** A person takes the task's file away. */
async function remove(id: string): Promise<void> {
  await ada.pull();
  await ada.remove(`tasks/${id}.md`);
  await ada.commit(`cancel ${id}`);
  await ada.push();
}

test('the id comes at once, then what becomes of the task and what it says, and at the end the answer and status 0', async () => {
  await using waiting = delegate(`echo the first line\n${await gates.build('done')}\necho the last line`);
  const id = await waiting.id();
  await waiting.says('stderr', /running: [^\n]*`pi`[^\n]* \(attempt 1\)/);
  await waiting.says('stderr', /\nthe first line\n/);
  expect(waiting.stderr).not.toContain('the last line');
  await gates.open('done');
  expect(await waiting.ended).toBe(0);
  expect(waiting.stdout).toBe(`${id}\n`);
  expect(waiting.stderr).toContain('\nexited with status 0\n');
  expect(waiting.stderr).toMatch(/\n\nthe first line\nthe last line\n\nerrand: done: \S+ on pi \([^,]+\)\n$/);
});

test('a task that fails ends with status 1 and says why', async () => {
  await using waiting = delegate('echo something is wrong; exit 3');
  const id = await waiting.id();
  expect(await waiting.ended).toBe(1);
  expect(waiting.stderr).toMatch(new RegExp(`\nerrand: failed: ${id} on pi \\(.*\\): exit status 3; finished at .*\n$`));
});

test('with --json standard output is one object, at the end', async () => {
  await using waiting = delegate('echo 42', '--json', '--id', 'as-json', '--title', 'The number');
  expect(await waiting.ended).toBe(0);
  expect(JSON.parse(waiting.stdout)).toEqual({
    schema: 1,
    id: 'as-json',
    path: expect.stringMatching(/^results\/\d{4}-\d\d-\d\d\/as-json\.md$/),
    title: 'The number',
    state: 'done',
    reason: expect.any(String),
    answer: '42',
    finished_at: expect.any(String),
    worker: 'pi',
    cost_usd: null,
    attempts: [expect.objectContaining({ attempt: 1, worker: 'pi', agent: 'command', outcome: 'done' })],
  });
});

test('a task that is tried again is waited for, and the next attempt is told too', async () => {
  await using waiting = delegate('echo "this is attempt $ERRAND_ATTEMPT"; test "$ERRAND_ATTEMPT" -gt 1', '--retries', '1');
  const id = await waiting.id();
  await waiting.says('stderr', /waiting: failed on `?pi`?: exit status 1; again in \d+ s/);
  // At once instead of in ten seconds; where they are over by now, that is as well.
  await scene.errand('laptop', 'retry', id);
  expect(await waiting.ended).toBe(0);
  expect(waiting.stderr).toMatch(/this is attempt 1\n[\s\S]*waiting: [\s\S]*this is attempt 2\n/);
  expect(waiting.stderr).toMatch(/errand: done: .*attempt 2\)/);
});

test('a task that waits for a machine which is not running says so, and is cancelled by removing its file', async () => {
  await using waiting = new CliProcess(scene, 'pi', 'delegate', '--wait', '--agent', 'command', 'vm', 'uptime');
  const id = await waiting.id();
  await waiting.says('stderr', /queued: is for `vm`, which is not running/);
  await remove(id);
  expect(await waiting.ended).toBe(1);
  expect(waiting.stderr).toContain(`errand: cancelled: ${id}: its file was removed`);
});

test('a task that is cancelled while it runs ends the waiting with its result', async () => {
  await using waiting = delegate(`echo ready\n${await gates.build('cancelled')}`);
  const id = await waiting.id();
  await waiting.says('stderr', /\nready\n/);
  await remove(id);
  expect(await waiting.ended).toBe(1);
  expect(waiting.stderr).toMatch(new RegExp(`\nerrand: cancelled: ${id}`));
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the waiting with status %i, and not the task', async (signal, status) => {
  await using waiting = delegate(`echo ready\n${await gates.build(signal)}\necho over`);
  const id = await waiting.id();
  await waiting.says('stderr', /\nready\n/);
  waiting.signal(signal);
  expect(await waiting.ended).toBe(status);
  expect(waiting.stderr).toContain(`the waiting is over, the task is not: errand show ${id}`);
  await gates.open(signal);
  await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
  const [only] = await scene.results(id);
  expect(only?.result).toMatchObject({ state: 'done', answer: 'ready\nover' });
});
