import { afterAll, beforeAll, expect, test } from 'vitest';
import { TOPICS } from '../help/topics.ts';
import { COMMANDS } from '../program.ts';
import { type CliScene, cliScene } from '../rig/cli-scene.ts';
import { Terminal } from '../rig/terminal.ts';

/** Counts the lines, and goes on until a line is typed, as less does. */
const PAGER = `#!/bin/sh
trap 'echo interrupted' INT
wc -l
echo "$0 $1 was here"
until read -r line </dev/tty; do :; done
echo "pager ended with $line"
`;

let scene: CliScene;
beforeAll(async () => {
  scene = await cliScene();
});
afterAll(() => scene[Symbol.asyncDispose]());

test('help lists commands and topics, explains a command, and shows a page', async () => {
  const all = await scene.must('help');
  expect(all).toMatch(/^ {2}delegate +file a task/m);
  expect(all).toContain('troubleshooting, operations');
  expect(await scene.must('help', 'delegate')).toBe(await scene.must('delegate', '--help'));
  expect(await scene.must('help', 'states')).toMatch(/^States/);
});

test('where a command and a page have one name, the command is explained and the page is one option away', async () => {
  expect(await scene.must('help', 'watch')).toContain('errand help --page watch');
  expect(await scene.must('help', '--page', 'watch')).not.toContain('Usage:');
  expect(await scene.must('help')).toContain('errand help --page <topic>:\n  service, doctor, machines, watch\n');
  expect(await scene.must('help', '--help')).toMatch(/^ {2}--page watch {5}tasks by saving a file$/m);
});

test('the topics that say that a command has their name are those of which that is true', () => {
  const names = COMMANDS.map(({ name }) => name);
  for (const { name, command = false } of TOPICS) expect(names.includes(name), name).toBe(command);
});

test('an unknown topic gets the nearest one, and a command without a page says so', async () => {
  const unknown = await scene.errand('help', 'troubelshooting');
  expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean errand help troubleshooting?') });
  expect((await scene.errand('help', '--page', 'cancel')).stderr).toContain('there is no page about cancel');
});

test('a page that is longer than the terminal is shown in the pager, which Ctrl-C does not part from errand', async () => {
  const pager = await scene.errand('help', 'states');
  await scene.write('pager', PAGER);
  const errand = new URL('../../dist/errand.js', import.meta.url).pathname;
  const command = `trap : INT; chmod +x pager; '${process.execPath}' '${errand}' help states; echo "errand ended with $?"`;
  await using terminal = new Terminal(command, { cwd: scene.dir, env: { ...scene.env, PAGER: './pager -x', TERM: 'xterm' } });
  expect((await terminal.until('./pager -x was here')).trim()).toBe(String(pager.stdout.split('\n').length - 1));
  terminal.type('\x03');
  await terminal.until('interrupted');
  terminal.type('q\n');
  await terminal.until('pager ended with q');
  await terminal.until('errand ended with 0');
});
