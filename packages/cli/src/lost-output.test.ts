import { fileURLToPath } from 'node:url';
import { type CommandResult, runCommand } from '@errand/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliScene, readyScene } from './rig/cli-scene.ts';

const ERRAND = fileURLToPath(new URL('../dist/errand.js', import.meta.url));
/** A file for which there is never any room. */
const hasNoFull = process.platform !== 'linux';

let scene: CliScene;

/** Runs a line of shell in which `errand` is the real one. */
function shell(line: string): Promise<CommandResult> {
  const script = `errand() { '${process.execPath}' '${ERRAND}' "$@"; }\n${line}`;
  return runCommand('bash', ['-c', script], { cwd: scene.dir, env: scene.env });
}

beforeAll(async () => {
  scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'there', 'uptime');
});
afterAll(() => scene[Symbol.asyncDispose]());

test.skipIf(hasNoFull).each(['list --json', 'list', '--help', 'show nobody --json'])(
  'where the answer of errand %s cannot be written that is said, and it ends with status 4',
  async (args) => {
    const { exitCode, stderr } = await shell(`errand ${args} >/dev/full`);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^errand: standard output could not be written: ENOSPC: .*\n {2}Make room/);
  },
);

test.skipIf(hasNoFull)('a task that was filed is named all the same, and is sent, so that nobody files it twice', async () => {
  const { exitCode, stderr } = await shell('errand delegate pi --id heard uptime >/dev/full');
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(
    /^errand: standard output did not take this: heard\nerrand: standard output could not be written: ENOSPC/,
  );
  const json = await shell('errand delegate pi --id read --json uptime >/dev/full');
  expect(json).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('"id": "read"') });
  expect(await scene.files()).toEqual(expect.arrayContaining(['tasks/heard.md', 'tasks/read.md']));
});

test('a reader that has gone is no failure, nothing is said of it, and what was to be filed is', async () => {
  // Nobody reads from the pipe any more.
  await shell('mkfifo pipe');
  const unread = 'exec 3<>pipe 4>pipe 3>&-';
  expect(await shell(`${unread}; errand list >&4`)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await shell(`${unread}; errand delegate pi --id unheard uptime >&4`)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await scene.files()).toContain('tasks/unheard.md');
});
