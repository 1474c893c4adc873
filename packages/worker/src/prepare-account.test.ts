import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { prepareAccount } from './prepare-account.ts';

test('the folder of an account is made for its owner alone, and keeps its login but nothing that was planted', async () => {
  await using folder = temporaryDirectory();
  const configDir = join(folder.path, 'agents/claude');
  const config = { bin: 'claude', env: {}, configDir, permissions: 'edits' } as const;
  await prepareAccount(config);
  expect((await stat(configDir)).mode & 0o777).toBe(0o700);
  for (const name of ['settings.json', 'CLAUDE.md', '.credentials.json']) await writeFile(join(configDir, name), '{}');
  await mkdir(join(configDir, 'plugins'));
  await prepareAccount(config);
  expect(await readdir(configDir)).toEqual(['.credentials.json']);
});
