import { join } from 'node:path';
import { hermeticEnv, mortalGit } from '@errand/testing';
import { expect, test } from 'vitest';
import { makeFolder } from '../rig/test-rig.ts';
import { runGit } from './run-git.ts';

test.each([
  ['somebody killed it', 'kill -9 $$', 'killed'],
  ['somebody asked it to end', 'kill -TERM $$', 'killed'],
  ['it crashed', 'kill -SEGV $$', 'crashed'],
])('says that %s', async (_, end, stopped) => {
  const cwd = await makeFolder();
  const env = mortalGit(hermeticEnv(cwd), { folder: join(cwd, 'lives'), command: 'version', times: 1, end });
  const command = { args: ['version'], env, cwd, timeoutMs: 30_000 };
  expect(await runGit(command)).toMatchObject({ exitCode: null, stopped });
  const whole = await runGit(command);
  expect(whole.exitCode).toBe(0);
  expect(whole).not.toHaveProperty('stopped');
});

test('says that git could not be started', async () => {
  const command = { args: ['version'], env: { PATH: '/nonexistent' }, cwd: await makeFolder(), timeoutMs: 30_000 };
  expect(await runGit(command)).toMatchObject({
    exitCode: null,
    stopped: 'could not start',
    stderr: expect.stringContaining('ENOENT'),
  });
});

test('tells its own doing from what others did: the time that was up, and an end that was asked for', async () => {
  const cwd = await makeFolder();
  const env = mortalGit(hermeticEnv(cwd), { folder: join(cwd, 'lives'), command: 'version', times: 2, end: 'exec sleep 1000' });
  const command = { args: ['version'], env, cwd, timeoutMs: 100 };
  expect(await runGit(command)).toMatchObject({ exitCode: null, stopped: 'timed out' });
  const asked = new AbortController();
  const running = runGit({ ...command, timeoutMs: 30_000, signal: asked.signal });
  asked.abort();
  expect(await running).toMatchObject({ exitCode: null, stopped: 'ended' });
  expect(await runGit({ ...command, signal: asked.signal })).toMatchObject({ exitCode: null, stopped: 'ended' });
});
