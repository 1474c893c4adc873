import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cliScene, readyScene } from './rig/cli-scene.ts';

test('help and version need nothing, and list every command', async () => {
  await using scene = await cliScene();
  expect(await scene.must('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  const help = await scene.must('--help');
  for (const command of ['init', 'join', 'delegate', 'status', 'worker']) expect(help).toContain(`  ${command} `);
  expect(help).not.toContain('flush');
  expect(await scene.must('help', 'delegate')).toContain('Examples:');
});

test('a mistake in the arguments ends with status 2 and a suggestion', async () => {
  await using scene = await cliScene();
  const command = await scene.errand('statu');
  expect(command).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('Did you mean status?') });
  const option = await scene.errand('status', '--jsn');
  expect(option).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('Did you mean --json?') });
  expect(await scene.errand()).toMatchObject({ exitCode: 2, stdout: '' });
  const nobody = await scene.errand('cancel');
  expect(nobody).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/needs an id\n {2}Name one after it: errand cancel ID.*no task is like that/),
  });
});

test.each([
  ['add x', 'Did you mean errand delegate?'],
  ['run x', 'Did you mean errand delegate?'],
  ['submit x', 'Did you mean errand delegate?'],
  ['rm x', 'Did you mean errand cancel?'],
  ['list --all', '--state done, failed or cancelled'],
  ['retry --failed', 'errand retry $(errand list --state failed --ids)'],
  ['cancel --all', 'errand cancel $(errand list --ids)'],
  ['logs x --tail 5', 'errand logs ID | tail -n 20'],
])('what people try from other programs is answered with what there is: errand %s', async (typed, hint) => {
  await using scene = await cliScene();
  const tried = await scene.errand(...typed.split(' '));
  expect(tried).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(hint) });
});

test('a machine that is connected to no queue is told how to connect, with status 3', async () => {
  await using scene = await cliScene();
  expect(await scene.errand('status')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('errand join') });
  expect(await scene.json('status', '--json')).toEqual({
    schema: 1,
    error: { code: 'no-queue', message: expect.any(String), file: null, line: null, column: null, hint: expect.any(String) },
  });
});

test('every problem of the configuration is told, with its line', async () => {
  await using scene = await cliScene();
  await scene.configure('slots: many\nmachin: pi');
  const status = await scene.errand('worker', '--once');
  expect(status.exitCode).toBe(3);
  expect(status.stderr).toMatch(/config\.yaml:6:\d+: [\s\S]*config\.yaml:7:1: unknown-key/);
});

test('worker --once does what there is to do and ends; with --json every event is a line', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  const lines = (await scene.must('worker', '--once', '--json')).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { at: string; type: string });
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['started', 'claimed', 'spawned', 'recorded', 'stopped']),
  );
  expect(events.at(-1)).toEqual({ at: expect.any(String), type: 'stopped', exit: 'nothing-left', left: [] });
});

test('a worker ends by itself after SIGTERM, with status 0', async () => {
  await using scene = await readyScene();
  const errand = fileURLToPath(new URL('../dist/errand.js', import.meta.url));
  const worker = spawn(process.execPath, [errand, 'worker', '-v'], {
    cwd: scene.dir,
    env: scene.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(worker, 'close');
  for await (const line of createInterface({ input: worker.stdout })) if (line.includes('looked:')) worker.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('a worker that may run nothing says so', async () => {
  await using scene = await cliScene();
  await scene.must('init', scene.remote.url);
  await scene.must('join', scene.remote.url, '--machine', 'pi');
  const worker = await scene.errand('worker', '--once');
  expect(worker).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('allows no agent') });
});

test('colours are forced where FORCE_COLOR says so, and not where it is there and empty', async () => {
  await using scene = await readyScene();
  for (const [value, isColoured] of [
    ['1', true],
    ['', false],
    ['0', false],
  ] as const) {
    scene.env.FORCE_COLOR = value;
    expect((await scene.must('status')).includes('\u001b'), value).toBe(isColoured);
  }
});
