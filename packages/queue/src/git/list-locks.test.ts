import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { listLocks } from './list-locks.ts';

async function write(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
}

test('locks of the directory, of its clones and of each queue are listed, and none of git', async () => {
  await using folder = temporaryDirectory();
  const at = (path: string): string => join(folder.path, path);
  const ours = [
    at('housekeeping.lock'),
    at('repos/errand-0123456789abcdef.lock'),
    at('queues/0123456789abcdef/worker.lock'),
    at('queues/0123456789abcdef/clone.lock'),
    at('queues/fedcba9876543210/renewal.lock'),
  ];
  await write(...ours, at('queues/0123456789abcdef/clone/HEAD.lock'), at('repos/errand-0123456789abcdef.git/packed-refs.lock'));
  await write(at('queues/0123456789abcdef/clone.lock.takeover'), at('work/a/1/package.lock'));
  expect((await listLocks(folder.path)).sort()).toEqual(ours.sort());
});

test('what is called a lock in a directory of somebody else is none of ours', async () => {
  await using folder = temporaryDirectory();
  await write(join(folder.path, 'yarn.lock'));
  expect(await listLocks(folder.path)).toEqual([]);
  expect(await listLocks(join(folder.path, 'nowhere'))).toEqual([]);
});
