import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { removePlanted } from './remove-planted.ts';

test('what was planted goes, files and folders alike, and the rest stays', async () => {
  await using folder = temporaryDirectory();
  await writeFile(join(folder.path, 'settings.json'), '{}');
  await mkdir(join(folder.path, 'hooks', 'deep'), { recursive: true });
  await writeFile(join(folder.path, 'kept'), '');
  await removePlanted(['settings.json', 'hooks', 'not-there'].map((name) => join(folder.path, name)));
  expect(['settings.json', 'hooks', 'kept'].map((name) => existsSync(join(folder.path, name)))).toEqual([false, false, true]);
});

test('behind a folder that was replaced by a link nothing is touched', async () => {
  await using folder = temporaryDirectory();
  const theirs = join(folder.path, 'theirs');
  await mkdir(theirs);
  await writeFile(join(theirs, 'settings.json'), '{}');
  await symlink(theirs, join(folder.path, 'claude'));
  await removePlanted([join(folder.path, 'claude', 'settings.json')]);
  expect(existsSync(join(theirs, 'settings.json'))).toBe(true);
});
