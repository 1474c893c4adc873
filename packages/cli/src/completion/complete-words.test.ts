import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../program.ts';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';
import { completeWords } from './complete-words.ts';

let scene: CliScene;
/** The queue by another name than the configured one. */
let url: string;

/** The words offered for a line, of which the last may be half typed; or `files`. */
async function offered(...words: string[]): Promise<string[]> {
  const [kind = '', ...lines] = (await scene.must('complete', '--', ...words)).trimEnd().split('\n');
  return kind === 'words' ? lines.map((line) => line.split('\t')[0] ?? '') : [kind];
}

beforeAll(async () => {
  scene = await readyScene();
  const person = await scene.person();
  await person.writeTask('open-one', 'hello');
  await person.writeTask('over', 'hello');
  await person.write('results/2026-11-20/over.md', 'whatever');
  await person.write('tasks/$(reboot).md', 'hello');
  await person.write('config/errand.yaml', 'machines: { pi: {}, vm: {} }\nrepos: { site: https://git.example.net/site.git }\n');
  await person.commit('a queue');
  await person.push();
  await scene.must('status');
  url = pathToFileURL(scene.remote.url).href;
  await scene.must('status', '--queue', url);
  // From here on the remote is not needed.
  await scene.remote.repository.git('config', 'core.repositoryformatversion', '99');
});
afterAll(() => scene[Symbol.asyncDispose]());

test('every command that is not hidden is offered, and every option of its definition', async () => {
  const names = COMMANDS.flatMap(({ name, hidden }) => (hidden ? [] : [name]));
  expect(await offered('')).toEqual(names);
  for (const { name, load, hidden } of COMMANDS) {
    if (hidden) continue;
    const flags = (await completeWords([name, '--'], async () => null)) as { words: { value: string }[] };
    const { Command } = await import('commander');
    const command = new Command(name);
    (await load()).define(command);
    for (const { long } of command.options) expect(flags.words.map(({ value }) => value)).toContain(long);
  }
});

test('open tasks are offered where something can be done about them, finished ones where they can run again, without the remote', async () => {
  expect(await offered('cancel', '')).toEqual(['open-one']);
  expect(await offered('retry', '')).toEqual(['over']);
  expect(await offered('show', 'o')).toEqual(['open-one', 'over']);
  expect(await offered('cancel', 'open-one', '')).toEqual([]);
});

test('machines and repositories are those of the last view', async () => {
  expect(await offered('delegate', '')).toEqual(['any', 'pi', 'vm']);
  expect(await offered('list', '--machine', 'v')).toEqual(['vm']);
  expect(await offered('delegate', 'any', '--repo', '')).toEqual(['site']);
  expect(await offered('join', '--machine', '')).toEqual([]);
});

test('values of an option are completed beside it, behind =, as bash splits that, and after a comma', async () => {
  expect(await offered('list', '--state', 'd')).toEqual(['done']);
  expect(await offered('list', '--state=d')).toEqual(['--state=done']);
  expect(await offered('list', '--state', '=', 'd')).toEqual(['done']);
  expect(await offered('list', '--state', '=')).toContain('queued');
  expect(await offered('service', 're')).toEqual(['restart']);
  expect(await offered('delegate', 'any', '--depends-on', 'a,op')).toEqual(['a,open-one']);
  expect(await offered('--queue', scene.remote.url, 'list', '--state', 'd')).toEqual(['done']);
});

test('a queue that is named in the line is the one that is asked, also where bash has parted its address', async () => {
  const [scheme = '', path = ''] = url.split(':');
  const machines = ['any', 'pi', 'vm'];
  await scene.write('home/.config/errand/config.yaml', 'queue: /srv/another.git\n');
  expect(await offered('delegate', '--queue', url, '')).toEqual(machines);
  expect(await offered('delegate', `--queue=${url}`, '')).toEqual(machines);
  expect(await offered('delegate', '--queue', scheme, ':', path, '')).toEqual(machines);
  expect(await offered('delegate', '--queue', '=', scheme, ':', path, '')).toEqual(machines);
  expect(await offered('--queue', 'git', '@', 'pi', ':', 'queue.git', 'sta')).toEqual(['status']);
  expect(await offered('delegate', '--queue', scheme, ':', path)).toEqual(['folders']);
  await scene.configure();
});

test('files are left to the shell, and text to the person', async () => {
  expect(await offered('lint', '')).toEqual(['files']);
  expect(await offered('delegate', 'pi', '-f', '')).toEqual(['files']);
  expect(await offered('init', '')).toEqual(['folders']);
  expect(await offered('delegate', 'pi', 'fix', '')).toEqual([]);
  expect(await offered('no-such-command', '')).toEqual([]);
});

test('with a broken configuration nothing is offered and nothing is said', async () => {
  await scene.write('home/.config/errand/config.yaml', 'queue: [');
  const { exitCode, stdout, stderr } = await scene.errand('complete', '--', 'show', '');
  await scene.configure();
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'words\n', stderr: '' });
});
