import { spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hermeticEnv, mustRun, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { HeardProcess } from '../rig/heard-process.ts';

/** Runs a program over a new repository, with what `prepare` changes in its environment. */
async function readWith(program: URL, folder: string, prepare = async (env: NodeJS.ProcessEnv) => env): Promise<HeardProcess> {
  const env = hermeticEnv(folder);
  const repository = join(folder, 'queue.git');
  await mustRun('git', ['init', '--quiet', '--bare', repository], { env });
  return new HeardProcess(
    spawn(process.execPath, [fileURLToPath(program), repository], { env: await prepare(env), stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

test('a command whose git is killed while it reads goes on; it does not end as if all was done', async () => {
  await using folder = temporaryDirectory();
  await using reader = await readWith(new URL('./lost-reader-process.mjs', import.meta.url), folder.path);
  const [, git] = await reader.says('stdout', /stopped (\d+)/);
  process.kill(Number(git), 'SIGKILL');
  await reader.says('stdout', /read null/);
  expect(await reader.ended).toBe(0);
});

test('a command that closes its clone while an answer is due waits for the end of its git, also once the answer is there', async () => {
  await using folder = temporaryDirectory();
  const fifo = join(folder.path, 'end');
  await mustRun('mkfifo', [fifo], { env: hermeticEnv(folder.path) });
  await using end = await open(fifo, 'r+');
  await using reader = await readWith(new URL('./closing-reader-process.mjs', import.meta.url), folder.path, async (env) => {
    // Its git answers, and ends when it is told to.
    const git = `#!/bin/sh\nPATH=\${PATH#*:} git "$@"\nread -r line < '${fifo}'\n`;
    await writeFile(join(folder.path, 'git'), git, { mode: 0o755 });
    return { ...env, PATH: `${folder.path}:${env.PATH}` };
  });
  try {
    await reader.says('stdout', /read null/);
  } finally {
    await end.write('now\n');
  }
  expect([await reader.ended, reader.stdout]).toEqual([0, 'read null\nclosed\n']);
});
