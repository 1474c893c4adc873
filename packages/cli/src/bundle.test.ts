import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandResult, hermeticEnv, runCommand, temporaryDirectory } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readyScene } from './rig/cli-scene.ts';

const CLI = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(CLI, 'dist');
const LAUNCHER = join(DIST, 'bundle-errand.cjs');

const folder = temporaryDirectory();
const env = hermeticEnv(folder.path);
const run = (file: string, ...args: string[]): Promise<CommandResult> => runCommand(file, args, { cwd: folder.path, env });

/** Everything that belongs to the bundle but itself: what is kept compiled, and what should not be there. */
async function kept(): Promise<string[]> {
  return (await readdir(DIST)).filter((name) => name.startsWith('bundle-') && !name.endsWith('.cjs'));
}

beforeAll(async () => {
  await writeFile(join(DIST, 'bundle-of-before.cjs-route.cache.1'), 'left by a disk that was full');
  expect(await run(process.execPath, join(CLI, 'bundle.mjs'))).toMatchObject({ exitCode: 0 });
});
afterAll(() => folder[Symbol.asyncDispose]());

test('what is bundled reads text as its modules do, letters that are not ASCII too', async () => {
  const text = 'Write “refactor concurrency security architecture deadlock” into the file notes.txt';
  const bundled = await run(process.execPath, LAUNCHER, 'route', text, '--json');
  expect(bundled).toEqual(await run(process.execPath, join(DIST, 'errand.js'), 'route', text, '--json'));
  expect(JSON.parse(bundled.stdout)).toMatchObject({ tier: 'haiku', score: 0 });
});

test('a command that could not keep what was compiled works all the same, and leaves nothing behind', async () => {
  const before = await kept();
  const limited = await run('sh', '-c', 'ulimit -f 64; exec "$@"', 'sh', process.execPath, LAUNCHER, 'lint', '--help');
  expect(limited).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await kept()).toEqual(before);
});

test('what is kept compiled is used again, and is made anew where it is damaged', async () => {
  const once = () => run(process.execPath, LAUNCHER, 'route', 'fix it');
  const first = await once();
  const name = (await kept()).find((one) => one.endsWith('-route.cache')) ?? 'none';
  expect(name).toContain(process.version);
  const path = join(DIST, name);
  const whole = await readFile(path);
  expect(await once()).toEqual(first);
  expect(whole.equals(await readFile(path))).toBe(true);
  for (const damaged of [whole.subarray(0, 5_000), flipBit(whole, whole.length >> 1)]) {
    await writeFile(path, damaged);
    expect(await once()).toEqual(first);
    expect(damaged.equals(await readFile(path))).toBe(false);
  }
});

test('a command that came out of what was kept can still import what is not in the bundle', async () => {
  await using scene = await readyScene();
  for (const time of ['first', 'again']) {
    const maintained = await runCommand(process.execPath, [LAUNCHER, 'maintain'], { cwd: scene.dir, env: scene.env });
    expect(maintained, time).toMatchObject({ exitCode: 0 });
  }
});

function flipBit(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
}
