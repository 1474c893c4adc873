import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliScene, readyScene } from './rig/cli-scene.ts';

/** Loaded before the command line: its configuration never comes, and nothing else keeps Node alive. */
const NO_ANSWER = `import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
const { readFile } = promises;
const isConfig = (path) => String(path).endsWith('/errand/config.yaml');
promises.readFile = (path, ...rest) => (isConfig(path) ? new Promise(() => {}) : readFile(path, ...rest));
syncBuiltinESMExports();
`;

let scene: CliScene;

beforeAll(async () => {
  scene = await readyScene();
  await scene.write('no-answer.mjs', NO_ANSWER);
  scene.env.NODE_OPTIONS = `--import=file://${join(scene.dir, 'no-answer.mjs')}`;
});
afterAll(() => scene[Symbol.asyncDispose]());

test('a command that waits for what never comes does not end as if all was done', async () => {
  const { exitCode, stdout, stderr } = await scene.errand('delegate', 'pi', '--id', 'lost', 'uptime');
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 70,
    stdout: '',
    stderr: expect.stringMatching(/^errand: the command came to no end\n {2}What it had said it would do may not be done\./),
  });
  expect(await scene.files()).not.toContain('tasks/lost.md');
});

test('and says so as JSON where that was asked for', async () => {
  const answer = await scene.json('delegate', 'pi', '--id', 'lost', '--json', 'uptime');
  expect(answer).toMatchObject({ error: { code: 'no-end' } });
});
