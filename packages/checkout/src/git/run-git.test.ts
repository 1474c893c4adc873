import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { Git } from './run-git.ts';

test.each([
  ['GIT_ASKPASS', (asker: string) => ({ GIT_ASKPASS: asker }), []],
  ['SSH_ASKPASS', (asker: string) => ({ SSH_ASKPASS: asker }), []],
  ['core.askPass', () => ({}), ['core.askPass']],
] as const)('no window asks for a password, whatever is set as %s', async (_, env, settings) => {
  await using folder = temporaryDirectory();
  const asker = join(folder.path, 'asker');
  await writeFile(asker, '#!/bin/sh\necho asked\n');
  await chmod(asker, 0o755);
  const git = new Git(folder.path, { ...hermeticEnv(folder.path), ...env(asker) });
  const config = settings.flatMap((name) => ['-c', `${name}=${asker}`]);
  const run = await git.run({ args: [...config, 'credential', 'fill'], input: 'protocol=https\nhost=nowhere.invalid\n\n' });
  expect(run.exitCode).toBe(128);
  expect(run.stdout).not.toContain('asked');
});

test('ssh is told not to ask in a window either', async () => {
  await using folder = temporaryDirectory();
  const git = new Git(folder.path, { ...hermeticEnv(folder.path), SSH_ASKPASS_REQUIRE: 'force' });
  const told = await git.ask('-c', 'alias.tell=!echo "$SSH_ASKPASS_REQUIRE"', 'tell');
  expect(told).toBe('never');
});
