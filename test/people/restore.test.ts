import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hermeticEnv, mustRun } from '@errand/testing';
import { expect, test } from 'vitest';
import { isEvent, Scene, script } from '../rig/scene.ts';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** The lines about the backup in the block of the page that pushes it back. */
function linesOfRestore(): string[] {
  const blocks = [...PAGE.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const block = blocks.find((text) => text.includes('queue-backup.git push --mirror QUEUE')) ?? '';
  return block.split('\n').filter((line) => line.startsWith('git -C queue-backup.git'));
}

test('a backup that was made while a worker ran is restored as the page says, and that worker works there', async () => {
  await using scene = await Scene.open();
  const { dir } = scene.remote.repository;
  const restored = join(scene.folder, 'restored.git');
  const run = { cwd: scene.folder, env: { ...hermeticEnv(scene.folder), QUEUE: restored } };
  const worker = await scene.worker('pi');
  await scene.file({ before: script('echo before') });
  await worker.waitFor(isEvent('recorded', 'before'), 'the first result');
  await mustRun('git', ['clone', '--quiet', '--mirror', dir, 'queue-backup.git'], run);
  expect(await mustRun('git', ['-C', 'queue-backup.git', 'for-each-ref'], run)).toContain('refs/errand/workers/pi');
  await worker.stop();

  await mustRun('git', ['init', '--quiet', '--bare', '--initial-branch=main', restored], run);
  const lines = linesOfRestore();
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) await mustRun('bash', ['-c', line.replace('QUEUE', '"$QUEUE"')], run);

  // At another address, and so without notes of what it wrote to the one before.
  await scene.errand('pi', 'join', restored, '--machine', 'pi');
  const again = await scene.errand('pi', 'worker', '--once', '--queue', restored);
  expect(again.stdout + again.stderr).not.toContain('another worker uses the name');
  expect(again.exitCode).toBe(0);
  expect(await mustRun('git', ['-C', restored, 'for-each-ref'], run)).toContain('refs/errand/workers/pi');
  expect(await mustRun('git', ['-C', restored, 'ls-tree', '-r', '--name-only', 'main'], run)).toContain('tasks/before.md');
});
