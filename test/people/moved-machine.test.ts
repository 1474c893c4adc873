import { readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hermeticEnv, mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const lineWith = (words: string): string => PAGE.split('\n').find((line) => line.includes(words)) ?? 'false';

test('the archive with which a machine moves is for its owner alone, and so is what comes out of it', async () => {
  await using folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const home = env.HOME ?? '';
  const secret = join(home, '.config/errand/ntfy-token');
  await mkdir(join(home, '.config/errand'), { recursive: true });
  await writeFile(secret, 'tk_secret\n');
  await chmod(secret, 0o644);
  const run = (line: string) => mustRun('bash', ['-c', `umask 022; cd ~; ${line}`], { env, cwd: folder.path });

  await run(lineWith('tar -C ~ -czf'));
  expect((await stat(join(home, 'machine.tgz'))).mode & 0o077).toBe(0);
  await rm(join(home, '.config'), { recursive: true });
  await run(lineWith('tar -C ~ -xzf'));
  expect(await readFile(secret, 'utf8')).toBe('tk_secret\n');
  expect((await stat(secret)).mode & 0o077).toBe(0);
  await expect(stat(join(home, 'machine.tgz')), 'it is removed').rejects.toThrow('ENOENT');
});
