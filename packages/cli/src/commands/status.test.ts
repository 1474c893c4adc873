import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { cliScene, readyScene } from '../rig/cli-scene.ts';
import { Terminal } from '../rig/terminal.ts';

const ERRAND = fileURLToPath(new URL('../../dist/errand.js', import.meta.url));

test('status tells machines, tasks, invalid files and results, in the documented shape', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  await scene.must('delegate', 'vm', '--id', 'elsewhere', 'echo hello');
  const ada = await scene.person();
  await ada.writeTask('bad', '---\npriorty: 3\n---\nuptime\n');
  await ada.commit();
  await ada.push();
  await scene.must('worker', '--once');
  const head = await scene.remote.repository.resolve('refs/heads/main');
  const path = (await scene.files()).find((file) => file.startsWith('results/') && file.endsWith('.md'));
  expect(await scene.json('status', '--json')).toEqual({
    schema: 1,
    queue: scene.remote.url,
    branch: 'main',
    head,
    machines: [
      {
        name: 'pi',
        presence: 'stopped',
        online: false,
        seen_at: expect.any(String),
        slots: 1,
        running: [],
        capabilities: [],
        version: expect.any(String),
        agents: [{ name: 'command', version: null, paused_until: null, reason: null }],
      },
    ],
    tasks: [
      expect.objectContaining({ id: 'bad', path: 'tasks/bad.md', state: 'invalid' }),
      {
        id: 'elsewhere',
        path: 'tasks/elsewhere.md',
        title: 'echo hello',
        state: 'queued',
        reason: expect.stringContaining('`vm`'),
        machine: 'vm',
        tier: null,
        attempt: 0,
        worker: null,
        started_at: null,
        run: null,
      },
    ],
    invalid: [
      { path: 'tasks/bad.md', line: 2, column: 1, code: 'unknown-key', message: expect.any(String), hint: expect.any(String) },
    ],
    recent: [
      {
        id: 'hello',
        path,
        state: 'done',
        finished_at: expect.any(String),
        worker: 'pi',
        agent: 'command',
        tier: 'haiku',
        cost_usd: null,
      },
    ],
    spend: { day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), usd: 0, estimated: false, attempts: 1 },
    unsent: [],
    away: null,
  });
  const text = await scene.must('status');
  expect(text).toContain('tasks/bad.md:2:1 unknown-key');
  expect(text.split('\n').slice(1, 3)).toEqual([
    '1 queued, 1 invalid',
    '0 of 1 machine online · nothing spent today (UTC) in 1 attempt',
  ]);
  expect(await scene.json('status', '--json', '--machine', 'vm')).toMatchObject({
    machines: [],
    tasks: [{ id: 'bad' }, { id: 'elsewhere' }],
    recent: [],
  });
  expect(await scene.must('list', '--state', 'queued', '--ids')).toBe('elsewhere\n');
  expect(await scene.must('list', '--state', 'done')).toContain('hello');
  expect(await scene.json('show', 'hello', '--json')).toMatchObject({
    state: 'done',
    result: { answer: 'hello' },
    text: '---\nmachine: pi\n---\necho hello\n',
  });
  expect(await scene.must('show', 'elsewhere')).toContain('is for `vm`');
  expect(await scene.must('show', 'bad')).toContain('Did you mean `priority`?');
});

test('status says that an id is used again, and what is wrong with the shared configuration', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  await scene.must('worker', '--once');
  const ada = await scene.person();
  await ada.writeTask('hello', '---\nmachine: pi\n---\necho something else\n');
  const [result = ''] = (await scene.files()).filter((file) => file.endsWith('/hello.md') && file.startsWith('results/'));
  await ada.write('results/2020-01-01/old.md', ((await ada.read(result)) ?? '').replace('id: hello', 'id: old'));
  await ada.writeTask('old', 'a new text under an old id');
  await ada.write('config/errand.yaml', 'tydy: never\n');
  await ada.commit();
  await ada.push();
  expect(await scene.json('status', '--json')).toMatchObject({
    invalid: [
      { path: 'config/errand.yaml', line: 1, column: 1, code: 'unknown-key', hint: expect.stringContaining('tidy') },
      { path: 'tasks/hello.md', code: 'id-finished', message: expect.stringContaining('errand retry hello') },
      { path: 'tasks/old.md', code: 'id-finished', message: expect.stringContaining('errand retry old') },
    ],
  });
  expect(await scene.must('show', 'hello')).toContain('another text by now');
});

test.skipIf(process.platform !== 'linux')(
  'on a phone list says the reason below the task, and piped it is one line',
  async () => {
    await using scene = await readyScene();
    await scene.must('delegate', 'vm', '--id', 'fix-the-login-page', 'true');
    const list = `'${process.execPath}' '${ERRAND}' list`;
    await using terminal = new Terminal(`stty cols 30; ${list}; echo end`, {
      cwd: scene.dir,
      env: { ...scene.env, TERM: 'xterm' },
    });
    const lines = stripVTControlCharacters(await terminal.until('end')).split(/\r?\n/);
    expect(lines.filter((line) => line.length > 30)).toEqual([]);
    expect(lines.join(' ')).toMatch(/^ {2}queued {2}fix-the-login-page +is for `vm`, which is not +running/);
    expect((await scene.must('list')).split('\n')).toHaveLength(2);
  },
);

test('while the remote is away, the last view is shown, and said to be that', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  await scene.must('status');
  await scene.remote.goAway();
  const status = await scene.errand('status');
  expect(status.exitCode).toBe(0);
  expect(status.stdout).toContain('The remote is away, as of');
  expect(status.stdout).toContain('hello');
  expect(await scene.errand('cancel', 'hello')).toMatchObject({ exitCode: 4, stdout: '' });
});

test('a remote that was never reached is an error of the environment', async () => {
  await using scene = await cliScene();
  await scene.configure();
  await scene.remote.goAway();
  expect(await scene.errand('status', '--json')).toMatchObject({
    exitCode: 4,
    stdout: expect.stringContaining('"code": "remote-'),
  });
});

test('the password in the address of the queue is not in what is printed, as JSON neither', async () => {
  await using scene = await readyScene();
  const url = 'https://me:secret@host.invalid/queue.git';
  await scene.write('rewrite', `[url "${scene.remote.url}"]\n  insteadOf = ${url}\n`);
  scene.env.GIT_CONFIG_GLOBAL = join(scene.dir, 'rewrite');
  for (const command of ['status', 'machines']) {
    const printed = [await scene.must(command, '--queue', url), await scene.must(command, '--queue', url, '--json')];
    expect(printed[1], command).toContain('"queue": "https://host.invalid/queue.git"');
    expect(printed.join(''), command).not.toContain('secret');
  }
});

test('a queue may be named by --queue and by ERRAND_QUEUE, before the command and after it', async () => {
  await using scene = await cliScene();
  await scene.must('init', scene.remote.url);
  expect(await scene.json('status', '--json', '--queue', scene.remote.url)).toMatchObject({ branch: 'main' });
  expect(await scene.json('--queue', scene.remote.url, 'status', '--json')).toMatchObject({ branch: 'main' });
  scene.env.ERRAND_QUEUE = scene.remote.url;
  expect(await scene.json('status', '--json')).toMatchObject({ queue: scene.remote.url });
});
