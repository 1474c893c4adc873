import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test, vi } from 'vitest';
import { runGit } from './run-git.ts';

test('runs git with arguments that no shell sees, and returns what it printed', async () => {
  await using folder = temporaryDirectory();
  const run = await runGit({
    gitDir: null,
    args: ['rev-parse', '--sq-quote', '$(id); *'],
    env: env(folder.path),
    timeoutMs: 30_000,
  });
  expect(run).toMatchObject({ exitCode: 0, stdout: " '$(id); *'\n", stderr: '' });
  expect(run).not.toHaveProperty('stopped');
});

test('gives input to git, and an end of input where there is none', async () => {
  await using folder = temporaryDirectory();
  const base = { gitDir: null, args: ['hash-object', '--stdin'], env: env(folder.path), timeoutMs: 30_000 };
  expect((await runGit({ ...base, input: 'hello\n' })).stdout).toBe('ce013625030ba8dba906f756967f9e9ca394464a\n');
  expect((await runGit(base)).stdout).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n');
});

test('returns an exit status other than 0 as it is', async () => {
  await using folder = temporaryDirectory();
  const run = await runGit({
    gitDir: join(folder.path, 'none'),
    args: ['rev-parse', 'HEAD'],
    env: env(folder.path),
    timeoutMs: 30_000,
  });
  expect(run.exitCode).toBe(128);
  expect(run.stderr).toContain('not a git repository');
});

test('says that git could not be started', async () => {
  const run = await runGit({ gitDir: null, args: ['version'], env: { PATH: '/nonexistent' }, timeoutMs: 30_000 });
  expect(run).toMatchObject({ exitCode: null, stopped: 'could not start', stderr: expect.stringContaining('ENOENT') });
});

test('ends git and its helpers when the time is up', async () => {
  await using folder = temporaryDirectory();
  const helper = await stubbornHelper(folder.path);
  const run = await runGit({ gitDir: null, args: ['stubborn'], env: env(folder.path), timeoutMs: 1_500 });
  expect(run).toMatchObject({ exitCode: null, stopped: 'timed out' });
  await vi.waitFor(async () => expect(isAlive(await helper())).toBe(false), 10_000);
});

test('ends git and its helpers when it is told to', async () => {
  await using folder = temporaryDirectory();
  const helper = await stubbornHelper(folder.path);
  const stop = new AbortController();
  const running = runGit({ gitDir: null, args: ['stubborn'], env: env(folder.path), timeoutMs: 60_000, signal: stop.signal });
  const pid = await vi.waitFor(helper, 20_000);
  expect(isAlive(pid)).toBe(true);
  stop.abort();
  expect(await running).toMatchObject({ exitCode: null, stopped: 'closed' });
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
  expect(await runGit({ gitDir: null, args: ['version'], env: {}, timeoutMs: 1, signal: stop.signal })).toMatchObject({
    stopped: 'closed',
  });
});

test('does not wait for a helper that stays behind with the output open', async () => {
  await using folder = temporaryDirectory();
  const helper = await stubbornHelper(folder.path, 'lingering', '&');
  const run = await runGit({ gitDir: null, args: ['lingering'], env: env(folder.path), timeoutMs: 60_000 });
  expect(run.exitCode).toBe(0);
  process.kill(await helper(), 'SIGKILL');
});

/** A git command of its own that starts a helper which ignores everything but SIGKILL; returns the helper's pid. */
async function stubbornHelper(folder: string, name = 'stubborn', background = ''): Promise<() => Promise<number>> {
  const pidFile = join(folder, 'pid');
  const helper = `sh -c 'trap "" TERM INT HUP; echo $$ > ${pidFile}.part; mv ${pidFile}.part ${pidFile}; while :; do sleep 1; done' ${background}`;
  const wait = background === '' ? '' : `until [ -f ${pidFile} ]; do sleep 0.05; done`;
  await writeFile(join(folder, `git-${name}`), `#!/bin/sh\n${helper}\n${wait}\n`);
  await chmod(join(folder, `git-${name}`), 0o755);
  return async () => {
    const pid = Number(await readFile(pidFile, 'utf8'));
    if (!(pid > 0)) throw new Error('the helper has not started yet');
    return pid;
  };
}

function env(folder: string): NodeJS.ProcessEnv {
  return { PATH: `${folder}:${process.env.PATH}`, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
