import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliScene, readyScene } from './rig/cli-scene.ts';

/** What clears a screen, writes a title, does the same in one byte, and turns text around. */
const HOSTILE = 'planted\u001b[2J\u001b]0;pwned\u0007\u009b2J\u202e';
/** The same as YAML and as `printf` would have it, and in the name of a file. */
const IN_YAML = '"planted\\e[2J\\e]0;pwned\\a\\x9b2J\\u202e"';
const IN_PRINTF = 'planted\\033[2J\\033]0;pwned\\007\\302\\2332J\\342\\200\\256';
const IN_NAME = 'planted\u001b[2J';
/** What a terminal obeys or turns around. */
const LIVE = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;

let scene: CliScene;

/** Everything that a command says, without what the rig adds: the command itself. */
async function saidBy(...args: string[]): Promise<string> {
  const { stdout, stderr } = await scene.errand(...args);
  return stdout + stderr.replace(/^Command failed: .*/ms, '');
}

beforeAll(async () => {
  scene = await readyScene();
  const ada = await scene.person();
  const files = {
    'config/errand.yaml': `${IN_YAML}: 1\n`,
    'tasks/key.md': `---\n${IN_YAML}: 1\n---\nhello\n`,
    'tasks/title.md': `---\ntitle: "planted\\u202e"\nmachine: vm\n---\n${HOSTILE}\n`,
    'tasks/answer.md': `---\nmachine: pi\n---\nprintf '${IN_PRINTF}'\n`,
    'tasks/failing.md': `---\nmachine: pi\nretries: 0\n---\nprintf '${IN_PRINTF}' >&2; exit 1\n`,
    [`tasks/${IN_NAME}.md`]: 'hello\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await ada.write(path, text);
    await scene.write(path, text);
  }
  await ada.commit('a hostile queue');
  await ada.push();
  const worked = await saidBy('worker', '--once', '-v');
  expect(worked).toContain('planted');
  expect(worked).not.toMatch(LIVE);
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  ['status'],
  ['status --json'],
  ['list'],
  ['list --ids'],
  ['show key'],
  ['show title'],
  ['show title --json'],
  ['show answer'],
  ['show failing'],
  ['logs answer --raw'],
  ['lint config/errand.yaml tasks/key.md'],
  ['lint --json config/errand.yaml tasks/key.md'],
  ['edit key --priority 1'],
  ['edit key --priority 1 --json'],
  ['exec vm true'],
  ['machines'],
  ['machines --json'],
  ['machines discover'],
  ['worker --once --json'],
])('of a hostile queue errand %s shows the words, and nothing that a terminal obeys', async (line) => {
  const said = await saidBy(...line.split(' '));
  expect(said).toContain('planted');
  expect(said).not.toMatch(LIVE);
});

test('neither does a command that is given a file with such a name', async () => {
  const path = join('tasks', `${IN_NAME}.md`);
  for (const args of [
    ['show', path],
    ['retry', path],
    ['lint', path],
    ['cancel', path],
    ['cancel', path],
    ['edit', path],
  ]) {
    const said = await saidBy(...args);
    expect(said, args[0]).toContain('planted');
    expect(said, args[0]).not.toMatch(LIVE);
  }
});

test('what a program reads as JSON is the text itself, to the last character', async () => {
  expect(await scene.json('show', 'title', '--json')).toMatchObject({
    title: 'planted\u202e',
    text: expect.stringContaining(HOSTILE),
  });
});
