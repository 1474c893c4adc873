import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { FolderWatch } from './folder-watch.ts';

test('a change is told in a folder that comes later, and in one that is made anew under its name', async () => {
  await using folder = temporaryDirectory();
  const tasks = join(folder.path, 'tasks');
  let tell = (): void => {};
  const watch = new FolderWatch([tasks], () => tell());
  try {
    for (const round of ['first', 'second', 'third']) {
      mkdirSync(tasks);
      // Lets go of the folder that was there before: whatever is told from here on is told of this one.
      watch.arm();
      const told = new Promise<string>((resolve) => {
        tell = () => resolve(round);
      });
      writeFileSync(join(tasks, 'a'), 'x');
      await expect(told).resolves.toBe(round);
      rmSync(tasks, { recursive: true });
    }
  } finally {
    watch.close();
  }
});
