import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@errand/testing';
import { expect, test } from 'vitest';
import { readyScene } from './rig/cli-scene.ts';

const CLI = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(CLI, 'dist');

test('what the bundle keeps compiled works again, for what it imports too, and may be damaged', async () => {
  await using scene = await readyScene();
  expect(await runCommand(process.execPath, [join(CLI, 'bundle.mjs')], { env: scene.env })).toMatchObject({ exitCode: 0 });
  const once = () =>
    runCommand(process.execPath, [join(DIST, 'bundle-errand.cjs'), 'worker', '--once'], { cwd: scene.dir, env: scene.env });
  const kept = async () => (await readdir(DIST)).filter((name) => /^bundle-.*-worker\.cache$/.test(name));
  expect(await once()).toMatchObject({ exitCode: 0 });
  const [name = 'none'] = await kept();
  expect(name).toContain(process.version);
  expect(await once()).toMatchObject({ exitCode: 0 });
  await truncate(join(DIST, name), 5_000);
  expect(await once()).toMatchObject({ exitCode: 0 });
});
