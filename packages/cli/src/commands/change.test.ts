import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readyScene } from '../rig/cli-scene.ts';

test('cancel removes the task file, and says so of tasks that cannot be cancelled', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'one', 'uptime');
  await scene.must('delegate', 'pi', '--id', 'two', 'uptime');
  expect(await scene.json('cancel', 'one', 'two', '--json')).toMatchObject({ schema: 1, cancelled: ['one', 'two'], running: [] });
  expect(await scene.files()).toEqual(['config/errand.yaml', 'tasks/.gitkeep']);
  const unknown = await scene.errand('cancel', 'three');
  expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no task "three"') });
});

test('of several tasks those that can be cancelled are, the others are named, and where none can be it says that nothing was', async () => {
  await using scene = await readyScene();
  for (const id of ['one', 'two']) await scene.must('delegate', 'pi', '--id', id, 'true');
  const cancelled = await scene.errand('cancel', 'tasks/one.md', 'over', 'two');
  expect(cancelled).toMatchObject({ exitCode: 2, stdout: 'one: cancelled\ntwo: cancelled\n' });
  expect(cancelled.stderr).toContain('there is no task "over"');
  expect(await scene.files()).not.toContain('tasks/one.md');
  const none = await scene.errand('retry', 'over', 'nope');
  expect(none).toMatchObject({ exitCode: 2, stdout: '' });
  expect(none.stderr).toContain('nothing runs again: there is no task "over"; there is no task "nope"');
});

test('where a hook of the server refuses the change, its words are told, and not to look for a password', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'one', 'true');
  await scene.remote.repository.setHook('pre-receive', `printf 'nothing moves on\\033[2J Friday\\n'; exit 1`);
  const cancelled = await scene.errand('cancel', 'one');
  expect(cancelled).toMatchObject({ exitCode: 4, stdout: '' });
  expect(cancelled.stderr).toContain('the server refused the commit: pre-receive hook declined: nothing moves on [2J Friday\n');
  expect(cancelled.stderr).toMatch(
    /\n {2}A hook there, or a protection of the branch, said no: .*errand help troubleshooting\.\n$/,
  );
  const filed = await scene.errand('delegate', 'pi', '--id', 'two', 'true');
  expect(filed.stderr).toContain('nothing moves on [2J Friday');
});

test('an id that is nearly right is suggested', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'fix-login', 'uptime');
  expect((await scene.errand('show', 'fix-logn')).stderr).toContain('Did you mean fix-login?');
});

test('the beginning of an id names the only task that begins so, and what is changed says which one that was', async () => {
  await using scene = await readyScene();
  for (const id of ['fix-login', 'fix-logo', 'uptime-k3f9']) await scene.must('delegate', 'pi', '--id', id, 'true');
  expect(await scene.must('show', 'up')).toMatch(/^uptime-k3f9 /);
  const several = await scene.errand('cancel', 'fix-log');
  expect(several).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('2 tasks begin with "fix-log": fix-login, fix-logo'),
  });
  const edited = await scene.errand('edit', 'fix-logi', '--priority', '1');
  expect(edited).toMatchObject({
    stdout: 'fix-login: changed\n',
    stderr: expect.stringContaining('"fix-logi" was taken for fix-login'),
  });
  const mixed = await scene.errand('cancel', 'fix-log', 'uptime', 'uptime-k3f9');
  expect(mixed).toMatchObject({ exitCode: 2, stdout: 'uptime-k3f9: cancelled\n' });
  expect(mixed.stderr).toContain('errand: "uptime" was taken for uptime-k3f9, the only task that begins so\n');
  await scene.must('worker', '--once');
  expect((await scene.errand('retry', 'fix-logo')).stderr).toBe('');
  expect((await scene.errand('retry', 'fix-logi')).stderr).toContain('"fix-logi" was taken for fix-login');
  await scene.must('worker', '--once');
  expect((await scene.errand('logs', 'fix-logi')).stderr).toContain('"fix-logi" was taken for fix-login');
});

test('retry removes a result; where the task file is gone too, it is restored from the result', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'hello', 'echo hello');
  const text = await scene.content('tasks/hello.md');
  await scene.must('worker', '--once');
  expect((await scene.errand('cancel', 'hello')).stderr).toContain('finished already');
  await scene.must('retry', 'hello');
  expect((await scene.files()).filter((path) => path.includes('hello'))).toEqual(['tasks/hello.md']);
  await scene.must('worker', '--once');
  const ada = await scene.person();
  await ada.remove('tasks/hello.md');
  await ada.commit('tidy');
  await ada.push();
  await scene.must('retry', 'hello');
  expect((await scene.files()).filter((path) => path.includes('hello'))).toEqual(['tasks/hello.md']);
  expect(await scene.content('tasks/hello.md')).toBe(text);
});

test('retry of a task that waits for its next try starts it anew', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'flaky', '[ -e again ] || exit 3');
  await scene.must('worker', '--once');
  const shown = await scene.json('show', 'flaky', '--json');
  expect(shown).toMatchObject({
    state: expect.any(String),
    attempts: [{ attempt: 1, outcome: 'failed', exit_code: 3 }],
    result: null,
  });
  const logs = await scene.errand('logs', 'flaky', '--attempt', '9');
  expect(logs).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no attempt 9 of flaky: it had 1 attempt\n') });
  await scene.must('retry', 'flaky');
  expect(await scene.content('tasks/flaky.md')).toBe('---\nmachine: pi\n---\n[ -e again ] || exit 3\n\n');
});

test('edit changes keys and keeps comments and order; what a worker would refuse is not pushed', async () => {
  await using scene = await readyScene();
  const ada = await scene.person();
  await ada.writeTask('job', '---\n# the reason\npriority: 5   # usual\nhold: true\n---\nuptime\n');
  await ada.commit();
  await ada.push();
  await scene.must('edit', 'job', '--priority', '1', '--machine', 'pi,vm', '--no-hold');
  expect(await scene.content('tasks/job.md')).toBe('---\n# the reason\npriority: 1   # usual\nmachine: [pi, vm]\n---\nuptime\n');
  expect(await scene.must('edit', 'job', '--priority', '1')).toBe('job: nothing changed\n');
  expect(await scene.errand('edit', 'job', '--timeout', 'soon')).toMatchObject({ exitCode: 2 });
  expect(await scene.content('tasks/job.md')).not.toContain('soon');
});

test('what a hint says lets a task run: without what it waits for, and from its hold', async () => {
  await using scene = await readyScene();
  const filed = await scene.errand('delegate', 'pi', '--id', 'job', '--depends-on', 'nope', '--hold', 'uptime');
  expect(filed.stderr).toContain('to let it run without: errand edit job --depends-on ""\n');
  await scene.must('edit', 'job', '--depends-on', '');
  expect(await scene.must('list')).toBe('  waiting  job  on hold: `errand edit job --no-hold` lets it run\n');
  await scene.must('edit', 'job', '--no-hold');
  expect(await scene.must('list', '--state', 'queued', '--ids')).toBe('job\n');
});

test('edit without options takes the editor', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'job', 'uptime');
  expect((await scene.errand('edit', 'job')).stderr).toContain('EDITOR');
  await scene.write('editor', '#!/bin/sh\necho "and more" >>"$2"\n');
  await chmod(join(scene.dir, 'editor'), 0o755);
  scene.env.EDITOR = `${join(scene.dir, 'editor')} --wait`;
  await scene.must('edit', 'job');
  expect(await scene.content('tasks/job.md')).toBe('---\nmachine: pi\n---\nuptime\nand more\n');
});

test('a text that is not sent is kept, with the command that goes on from it', async () => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'job', 'uptime');
  scene.env.EDITOR = `sh -c 'printf -- "---\\npriorty: 1\\n---\\nuptime\\n" >"$1"' sh`;
  const refused = await scene.errand('edit', 'job');
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('unknown-key') });
  const [, path = ''] = /sent with: errand edit job -f (.*)\n/.exec(refused.stderr) ?? [];
  await writeFile(path, '---\npriority: 1\n---\nuptime\n');
  await scene.must('edit', 'job', '-f', path, '--machine', 'vm');
  expect(await scene.content('tasks/job.md')).toBe('---\npriority: 1\nmachine: vm\n---\nuptime\n');
  expect((await scene.errand('edit', 'job', '-f', 'nope.md')).stderr).toContain('cannot read nope.md: there is no such file\n');
});

test.each(['false', 'nosucheditor', 'true'])('nothing is kept where nothing was typed: EDITOR=%s', async (editor) => {
  await using scene = await readyScene();
  await scene.must('delegate', 'pi', '--id', 'job', 'uptime');
  scene.env.EDITOR = editor;
  const { exitCode, stderr } = await scene.errand('edit', 'job');
  expect(exitCode).toBe(editor === 'true' ? 0 : 4);
  expect(stderr).not.toContain('kept');
  if (editor !== 'true') expect(stderr).toContain('Nothing was changed. Set EDITOR to an editor that is here');
  expect((await readdir(scene.dir)).filter((name) => name.startsWith('errand-edit-'))).toEqual([]);
});
