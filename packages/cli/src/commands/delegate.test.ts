import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { expect, test } from 'vitest';
import { type CliScene, cliScene, readyScene } from '../rig/cli-scene.ts';

/** Waits until the branch has the file; the test's own time limit ends it. */
async function fileArrives(scene: CliScene, path: string): Promise<void> {
  while (!(await scene.files()).includes(path)) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('delegate prints the id alone, and the task is on the branch', async () => {
  await using scene = await readyScene();
  const { stdout, exitCode } = await scene.errand('delegate', 'pi', 'ls', '-la', '/tmp');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^ls-la-tmp-[a-z0-9]{4}\n$/);
  expect(await scene.content(`tasks/${stdout.trim()}.md`)).toBe('---\nmachine: pi\n---\nls -la /tmp\n');
});

test('options become front matter', async () => {
  await using scene = await readyScene();
  const text = [
    '--title',
    'Nightly',
    '--priority',
    '2',
    '--needs',
    'docker,gpu',
    '--depends-on',
    'setup',
    '--hold',
    '--timeout',
    '5m',
  ];
  const made = await scene.json('delegate', 'any', ...text, '--id', 'nightly', '--json', 'run it');
  expect(made).toEqual({ schema: 1, id: 'nightly', path: 'tasks/nightly.md', title: 'Nightly', sent: true });
  expect(await scene.content('tasks/nightly.md')).toBe(
    '---\ntitle: Nightly\nneeds: [ docker, gpu ]\npriority: 2\ndepends_on: [ setup ]\nhold: true\ntimeout: 5m\n---\nrun it\n'.replace(
      /\[ (.*?) \]/g,
      '[$1]',
    ),
  );
});

test('the text may come from a file with front matter, or be piped in, with front matter or without', async () => {
  await using scene = await readyScene();
  await scene.write('task.md', '---\n# why\npriority: 3\nmachine: vm\n---\nuptime\n');
  const fromFile = (await scene.must('delegate', 'pi', '-f', 'task.md', '--retries', '0')).trim();
  expect(await scene.content(`tasks/${fromFile}.md`)).toBe('---\n# why\npriority: 3\nmachine: pi\nretries: 0\n---\nuptime\n');
  const piped = (await scene.errandWith('---\npriority: 2\n---\nuptime\n', 'delegate', 'pi', '-')).stdout.trim();
  expect(await scene.content(`tasks/${piped}.md`)).toBe('---\npriority: 2\nmachine: pi\n---\nuptime\n');
  const plain = (await scene.errandWith('uptime --pretty\n', 'delegate', 'pi', '-')).stdout.trim();
  expect(await scene.content(`tasks/${plain}.md`)).toContain('uptime --pretty\n');
  const refused = await scene.errandWith('---\npriorty: 2\n---\nuptime\n', 'delegate', 'pi', '-');
  expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('priority') });
  expect((await scene.must('list', '--state', 'invalid', '--ids')).trim()).toBe('');
});

test.each([
  ['a first word that is no machine', ['Fix it', 'now'], /not the name of a machine/],
  ['no text', ['pi'], /no prompt/],
  ['a value that no worker takes', ['pi', '--priority', '12', 'x'], /priority/],
  ['an id that is none', ['pi', '--id', 'A B', 'x'], /not a task id/],
  ['an option that there is not', ['any', '--tier', 'hiaku', 'x'], /Did you mean `--model`/],
  ['two texts', ['pi', '-f', 'a.md', 'x'], /twice/],
  ['a file that is not there', ['pi', '-f', 'none.md'], /cannot read none\.md: there is no such file\n/],
])('%s is refused with status 2, and nothing is filed', async (_title, args, message) => {
  await using scene = await cliScene();
  await scene.configure();
  const refused = await scene.errand('delegate', ...args);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toMatch(message);
});

test('a file with problems is refused with its lines', async () => {
  await using scene = await readyScene();
  await scene.write('bad.md', '---\npriorty: 3\n---\nuptime\n');
  const { exitCode, stdout } = await scene.errand('delegate', 'pi', '--json', '-f', 'bad.md');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, error: { code: 'unknown-key', file: 'bad.md', line: 2, column: 1 } });
});

test('an id that is taken is refused, since the new task would never run', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'once', 'uptime');
  const again = await scene.errand('delegate', 'pi', '--id', 'once', 'something else');
  expect(again).toMatchObject({ exitCode: 2, stdout: '' });
  expect(again.stderr).toContain('tasks/once.md');
});

test('two that file a task under one id at the same moment file two, and each prints its own', async () => {
  await using scene = await readyScene();
  await scene.must('status');
  await scene.remote.goAway();
  const queues = join(scene.dir, 'home', '.local', 'state', 'errand', 'queues');
  const queue = join(queues, (await readdir(queues))[0] ?? '');
  // Both have seen that nothing waits here under that id, before either looks at the branch.
  const taken = await acquireLock(join(queue, 'clone.lock'), { waitMs: 0, what: 'a test' });
  if ('failure' in taken) throw new Error(taken.failure.message);
  const texts = ['uptime', 'something else'];
  const filing = texts.map((text) => scene.errand('delegate', 'pi', '--id', 'once', text));
  const drafts = async () => (await readdir(queue)).filter((name) => name.startsWith('clone.lock.'));
  while ((await drafts()).length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  await taken.lock.release();
  const filed = await Promise.all(filing);
  const ids = filed.map(({ stdout }) => stdout.trim());
  expect([...ids].sort()).toEqual(['once', expect.stringMatching(/^once-[0-9a-f]{4}$/)]);
  const second = filed.find(({ stdout }) => stdout !== 'once\n');
  expect(second?.stderr).toContain(`another command filed a task once at the same moment: this one is ${second?.stdout.trim()}`);
  await scene.remote.comeBack();
  await scene.must('status');
  for (const [index, id] of ids.entries()) expect(await scene.content(`tasks/${id}.md`)).toContain(texts[index]);
});

test('without the remote it returns with the id, and a process that it leaves sends the task when the remote is back', async () => {
  await using scene = await readyScene();
  await scene.must('status');
  await scene.remote.goAway();
  const filed = await scene.errand('delegate', 'pi', 'uptime');
  expect(filed.exitCode).toBe(0);
  expect(filed.stderr).toContain('sent later');
  const id = filed.stdout.trim();
  const status = await scene.json('status', '--json');
  expect(status).toMatchObject({ unsent: [id], away: { seen_at: expect.any(String) } });
  expect(await scene.must('show', id)).toContain('not sent yet');
  await scene.remote.comeBack();
  await fileArrives(scene, `tasks/${id}.md`);
  expect(await scene.json('status', '--json')).toMatchObject({ unsent: [], away: null, tasks: [{ id }] });
});

test('a queue that was never reached is no reason to lose a task', async () => {
  await using scene = await cliScene();
  await scene.configure();
  await scene.remote.goAway();
  const id = (await scene.must('delegate', 'pi', 'uptime')).trim();
  expect(await scene.must('status')).toContain(`Not sent yet: ${id}`);
  await scene.remote.comeBack();
  await scene.must('status');
  expect(await scene.files()).toContain(`tasks/${id}.md`);
});

test('a machine in capitals, and a text without a machine, are told what was taken for what', async () => {
  await using scene = await readyScene();
  expect((await scene.errand('delegate', 'PI', 'uptime')).stderr).toContain('Did you mean pi?');
  const alone = await scene.errand('delegate', 'uptime');
  expect(alone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('`uptime` was taken for the machine') });
});

test('a file whose front matter does not end is told the same by delegate and lint', async () => {
  await using scene = await readyScene();
  await scene.write('task.md', '---\nmachine: pi\n\nuptime\n');
  const linted = await scene.errand('lint', 'task.md');
  expect(linted.stdout).toContain('front-matter-not-closed');
  expect((await scene.errand('delegate', 'pi', '-f', 'task.md')).stderr).toBe(linted.stdout);
});
