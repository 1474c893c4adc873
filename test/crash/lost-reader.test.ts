import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hermeticEnv, mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { HeardProcess } from '../rig/heard-process.ts';

const READER = fileURLToPath(new URL('./lost-reader-process.mjs', import.meta.url));

test('a command whose git is killed while it reads goes on; it does not end as if all was done', async () => {
  await using folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const repository = join(folder.path, 'queue.git');
  await mustRun('git', ['init', '--quiet', '--bare', repository], { env });
  await using reader = new HeardProcess(
    spawn(process.execPath, [READER, repository], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  const [, git] = await reader.says('stdout', /stopped (\d+)/);
  process.kill(Number(git), 'SIGKILL');
  await reader.says('stdout', /read null/);
  expect(await reader.ended).toBe(0);
});
