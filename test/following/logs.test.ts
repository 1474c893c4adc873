import { join } from 'node:path';
import type { Person } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';
import { CliProcess } from './cli-process.ts';

let scene: Scene;
let ada: Person;
let worker: WorkerProcess;
let gates: Gates;

beforeAll(async () => {
  scene = await Scene.open();
  ada = await scene.person();
  gates = new Gates(join(scene.folder, 'gates'));
  worker = await scene.worker('pi', { slots: 4 });
});

afterAll(async () => {
  await gates[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

async function file(id: string, text: string, keys = 'retries: 0'): Promise<void> {
  await ada.writeTask(id, script(text, keys));
  await ada.commit(`add: ${id}`);
  await ada.push();
}

const logs = (...args: string[]): CliProcess => new CliProcess(scene, 'pi', 'logs', ...args);

/** What a command prints that ends by itself. */
async function printed(...args: string[]): Promise<{ stdout: string; stderr: string; code: number | string | null }> {
  await using command = logs(...args);
  const code = await command.ended;
  return { stdout: command.stdout, stderr: command.stderr, code };
}

test('logs -f shows what an attempt says while it runs, and ends as the task ends', async () => {
  await file('running', `echo ready; echo careful >&2\n${await gates.build('running')}\necho over`);
  await worker.waitFor((event) => event.type === 'agent' && event.id === 'running' && event.event.type === 'output', 'output');
  await using following = logs('-f', 'running');
  await following.says('stdout', /\nready\n/);
  expect((await printed('running')).stdout).toMatch(/^started [\s\S]*\nready\n/);
  await gates.open('running');
  expect(await following.ended).toBe(0);
  // What is still in the pipe when a process ends comes after its end.
  expect(following.stdout).toMatch(/^started \(containment: \w+\): sh -s\n[\s\S]*ready\n[\s\S]*over\n/);
  for (const line of ['careful\n', '\nexited with status 0\n']) expect(following.stdout).toContain(line);
  expect(await printed('running')).toEqual({ stdout: following.stdout, stderr: '', code: 0 });
  expect(await printed('-f', 'running')).toEqual({ stdout: following.stdout, stderr: '', code: 0 });
});

test('--raw gives the lines of the log as they stand', async () => {
  await file('raw', "printf 'a\\033[31mb\\n'; exit 4");
  await worker.waitFor(isEvent('recorded', 'raw'), 'its result');
  const { stdout, code } = await printed('--raw', 'raw');
  expect(code).toBe(0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(3);
  expect(events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'started', argv: ['sh', '-s'] }),
      expect.objectContaining({ type: 'output', stream: 'stdout', text: 'a\u001b[31mb\n' }),
      expect.objectContaining({ type: 'exited', exitCode: 4 }),
    ]),
  );
  expect(await printed('-f', '--raw', 'raw')).toEqual({ stdout, stderr: '', code: 1 });
});

test('logs -f goes on with the next attempt, and each attempt can be shown by its number', async () => {
  await file('again', 'echo "attempt $ERRAND_ATTEMPT"; test "$ERRAND_ATTEMPT" -gt 1', 'retries: 1');
  await using following = logs('-f', 'again');
  await following.says('stderr', /waiting: failed on `?pi`?: exit status 1/);
  // At once instead of in ten seconds; where they are over by now, that is as well.
  await scene.errand('laptop', 'retry', 'again');
  expect(await following.ended).toBe(0);
  expect(following.stdout).toMatch(/^started [\s\S]*\nattempt 1\n[\s\S]*started [\s\S]*\nattempt 2\n/);
  expect((await printed('again')).stdout).toContain('\nattempt 2\n');
  expect((await printed('again', '--attempt', '1')).stdout).toContain('\nattempt 1\n');
  expect(await printed('-f', 'again', '--attempt', '2')).toMatchObject({ code: 0, stdout: expect.stringContaining('attempt 2') });
  expect(await printed('again', '--attempt', '3')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('attempt 3'),
  });
});

test('who follows a task that has not begun waits for it', async () => {
  await file('held', 'echo hello', 'hold: true');
  await using following = logs('-f', 'held');
  await following.says('stderr', /waiting: on hold/);
  expect((await scene.errand('laptop', 'edit', 'held', '--no-hold')).exitCode).toBe(0);
  expect(await following.ended).toBe(0);
  expect(following.stdout).toContain('\nhello\n');
});

test('Ctrl-C ends logs -f with status 130, and not the task', async () => {
  await file('followed', `echo ready\n${await gates.build('followed')}`);
  await using following = logs('-f', 'followed');
  await following.says('stdout', /\nready\n/);
  following.signal('SIGINT');
  expect(await following.ended).toBe(130);
  await gates.open('followed');
  const end = await worker.waitFor(isEvent('recorded', 'followed'), 'its result');
  expect(end.state).toBe('done');
});

test('without a log here the machine is named that has it', async () => {
  await file('elsewhere', `echo ready\n${await gates.build('elsewhere')}`);
  await worker.waitFor(isEvent('spawned', 'elsewhere'), 'the attempt');
  for (const args of [['elsewhere'], ['-f', 'elsewhere']]) {
    const running = await scene.errand('laptop', 'logs', ...args);
    expect(running).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('It runs on pi') });
  }
  await gates.open('elsewhere');
  await worker.waitFor(isEvent('recorded', 'elsewhere'), 'its result');
  const ran = await scene.errand('laptop', 'logs', 'elsewhere');
  expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('It ran on pi') });
  expect(await scene.errand('laptop', 'logs', 'nobody')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await scene.errand('laptop', 'logs', '../../etc')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('not a task id'),
  });
});
