import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifyProcess, isAlive, type ProcessIdentity, type ProcessSource } from './process-identity.ts';

let folder: TemporaryDirectory;
let me: ProcessIdentity;

beforeEach(async () => {
  folder = temporaryDirectory();
  const found = await identifyProcess(process.pid);
  if (found === null) throw new Error('this process is not found');
  me = found;
});
afterEach(() => folder[Symbol.asyncDispose]());

test('a process knows itself again, and not another that was given its id', async () => {
  expect(me).toMatchObject({ pid: process.pid, started: expect.stringMatching(/./), boot: expect.stringMatching(/./) });
  expect(await isAlive(me)).toBe(true);
  expect(await isAlive({ ...me, started: 'earlier' })).toBe(false);
  expect(await isAlive({ ...me, boot: 'before' })).toBe(false);
});

test('a process that has ended is gone', async () => {
  expect(await identifyProcess(spawnSync('true').pid)).toBeNull();
});

test.each(['started', 'boot'] as const)(
  'who could not say its own %s is alive as long as there is a process of its id',
  async (unknown) => {
    expect(await isAlive({ ...me, [unknown]: '' })).toBe(true);
    expect(await isAlive({ ...me, [unknown]: '', pid: spawnSync('true').pid })).toBe(false);
  },
);

describe('by /proc', () => {
  const source = (): ProcessSource => ({ proc: folder.path, ps: null });

  test('a process that has no folder there is gone', async () => {
    expect(await isAlive(me, source())).toBe(false);
  });

  test('one whose file cannot be read for another reason is alive', async () => {
    await mkdir(join(folder.path, String(process.pid), 'stat'), { recursive: true });
    expect(await identifyProcess(process.pid, source())).toEqual({ ...me, started: '' });
    expect(await isAlive(me, source())).toBe(true);
  });

  test('one that waits only for its parent to notice its end is gone', async () => {
    await mkdir(join(folder.path, String(process.pid)));
    await writeFile(join(folder.path, String(process.pid), 'stat'), `${process.pid} (a) b) Z 1 1`);
    expect(await isAlive(me, source())).toBe(false);
  });
});

describe('by ps', () => {
  const source = (): ProcessSource => ({ proc: 'nowhere', ps: { PATH: folder.path } });
  const ps = (script: string) => writeFile(join(folder.path, 'ps'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  test('a process is known by the time that it names', async () => {
    await ps('echo " Fri Nov 20 09:00:00 2026 "');
    const found = await identifyProcess(process.pid, source());
    expect(found).toEqual({ ...me, started: 'Fri Nov 20 09:00:00 2026' });
    expect(await isAlive({ ...me, started: 'Thu Nov 19 09:00:00 2026' }, source())).toBe(false);
  });

  test('one that it does not find is gone', async () => {
    await ps('exit 1');
    expect(await isAlive(me, source())).toBe(false);
  });

  test.each([
    ['is killed', 'kill -9 $$'],
    ['says why it did not look', 'echo "ps: cannot allocate memory" >&2; exit 1'],
  ])('one is alive where ps %s', async (_, script) => {
    await ps(script);
    expect(await isAlive(me, source())).toBe(true);
  });

  test('one is alive where ps cannot be started', async () => {
    expect(await isAlive(me, source())).toBe(true);
  });
});
