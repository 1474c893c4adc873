import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { acquireLock, inspectLock, withLock } from './lock.ts';
import { identifyProcess } from './process-identity.ts';

const NOW = { waitMs: 0, what: 'a test' };
const LONG = { waitMs: 60_000, what: 'a test' };

test('one holds it at a time, and the next has it when it is given back', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'deep', 'clone.lock');
  const first = await acquireLock(path, NOW);
  if ('failure' in first) throw new Error(first.failure.message);
  const second = acquireLock(path, LONG);
  expect(await acquireLock(path, NOW)).toMatchObject({ failure: { holder: { pid: process.pid, what: 'a test' } } });
  await first.lock.release();
  const taken = await second;
  expect(taken).toHaveProperty('lock');
  // A second release must not take it from whoever has it now.
  await first.lock.release();
  expect(await acquireLock(path, NOW)).toHaveProperty('failure');
});

test('nobody is in at the same time as another, however many want to be', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  let inside = 0;
  const visits = await Promise.all(
    Array.from({ length: 30 }, () =>
      withLock(path, LONG, async () => {
        inside += 1;
        const seen = inside;
        await readdir(folder.path);
        inside -= 1;
        return seen;
      }),
    ),
  );
  expect(visits).toEqual(Array.from({ length: 30 }, () => ({ value: 1 })));
  expect(await readdir(folder.path)).toEqual([]);
});

test('who waits too long is told for whom, and what to do', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  await using holder = await otherProcess();
  await writeFile(path, JSON.stringify({ ...(await identifyProcess(holder.pid)), nonce: 'n', what: 'fetching' }));
  const outcome = await acquireLock(path, { waitMs: 30, what: 'a test' });
  expect(outcome).toMatchObject({ failure: { holder: { pid: holder.pid, what: 'fetching' } } });
  expect('failure' in outcome && outcome.failure.message).toContain(`process ${holder.pid} has held ${path}`);
});

test('the lock of a process that was killed is taken over', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  const holder = await otherProcess();
  await writeFile(path, JSON.stringify({ ...(await identifyProcess(holder.pid)), nonce: 'n', what: 'fetching' }));
  await holder[Symbol.asyncDispose]();
  expect(await acquireLock(path, NOW)).toHaveProperty('lock');
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('the lock of a living process that could not be asked about itself is not taken from it', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'worker.lock');
  await using holder = await otherProcess();
  await writeFile(path, JSON.stringify({ pid: holder.pid, started: '', boot: '', nonce: 'n', what: 'working' }));
  expect(await acquireLock(path, NOW)).toMatchObject({ failure: { holder: { pid: holder.pid, what: 'working' } } });
  expect(await inspectLock(path)).toEqual({ state: 'held', pid: holder.pid, what: 'working' });
});

test.each([
  ['another process that was given the same id', { started: '1' }],
  ['a process of before the machine was started', { boot: 'before' }],
])('the lock of %s is taken over', async (_, difference) => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  await writeFile(path, JSON.stringify({ ...(await identifyProcess(process.pid)), nonce: 'n', what: 'x', ...difference }));
  expect(await acquireLock(path, NOW)).toHaveProperty('lock');
});

test.each(['', 'garbage', '{}', 'null'])('a lock file that a power cut left with %j in it is taken over', async (text) => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  await writeFile(path, text);
  expect(await acquireLock(path, NOW)).toHaveProperty('lock');
});

test('of many who find a dead holder, one has the lock', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  for (let round = 0; round < 20; round += 1) {
    await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, started: '1', boot: '', nonce: `dead ${round}`, what: 'x' }));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => acquireLock(path, NOW)));
    const locks = outcomes.flatMap((outcome) => ('lock' in outcome ? [outcome.lock] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.release();
  }
});

test('a dead guard of taking over keeps nobody out', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  await writeFile(path, '');
  await writeFile(`${path}.takeover`, JSON.stringify({ pid: 2 ** 22 + 1, started: '1', boot: '', nonce: 'n', what: 'x' }));
  expect(await acquireLock(path, LONG)).toHaveProperty('lock');
});

test('a place where no file can be made is a failure that says so', async () => {
  await using folder = temporaryDirectory();
  await writeFile(join(folder.path, 'file'), '');
  const outcome = await acquireLock(join(folder.path, 'file', 'clone.lock'), LONG);
  expect('failure' in outcome && outcome.failure.message).toContain('cannot make the lock file');
});

test('a lock whose file cannot be read at the moment is given back all the same, once', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  const first = await acquireLock(path, NOW);
  if ('failure' in first) throw new Error(first.failure.message);
  // A link to itself: there is such a name, and nothing can be read.
  const replaceByLoop = async () => {
    await rm(path, { force: true });
    await symlink(path, path);
  };
  await replaceByLoop();
  await first.lock.release();
  expect(await readdir(folder.path)).toEqual([]);
  await replaceByLoop();
  await first.lock.release();
  expect(await readdir(folder.path)).toEqual(['clone.lock']);
});

test('work that throws gives the lock back', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'clone.lock');
  await expect(withLock(path, NOW, () => Promise.reject(new Error('a bug')))).rejects.toThrow('a bug');
  expect(await acquireLock(path, NOW)).toHaveProperty('lock');
});

async function otherProcess() {
  const child: ChildProcess = spawn('sleep', ['600'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
  return {
    pid: child.pid as number,
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.kill('SIGKILL')) await gone;
    },
  };
}
