import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hermeticEnv } from './hermetic.ts';
import { mustRun, runCommand } from './run-command.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('git knows nobody but the person of the test, and no setting of the developer', async () => {
  await using folder = temporaryDirectory();
  const env = hermeticEnv(folder.path, { name: 'Ada', email: 'ada@localhost' });
  const listed = await mustRun('git', ['config', '--list', '--show-origin'], { env, cwd: folder.path });
  const origins = new Set(listed.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]])));
  expect([...origins]).toEqual([`file:${join(folder.path, 'home', '.gitconfig')}`]);
  expect(listed).toContain('user.name=Ada');
});

test('a program sees no variable of the developer but PATH', async () => {
  await using folder = temporaryDirectory();
  const { stdout } = await runCommand('env', [], { env: hermeticEnv(folder.path) });
  const names = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('=')[0]]));
  expect(names.sort()).toEqual(['GIT_CONFIG_NOSYSTEM', 'GIT_TERMINAL_PROMPT', 'HOME', 'LC_ALL', 'PATH', 'TZ']);
});

test('a temporary folder is gone at the end of the scope', async () => {
  let path = '';
  {
    await using folder = temporaryDirectory();
    path = folder.path;
    expect(existsSync(path)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});
