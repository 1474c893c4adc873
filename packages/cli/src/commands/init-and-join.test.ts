import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliScene } from '../rig/cli-scene.ts';

test('init makes a queue in an empty repository, and leaves alone what is there', async () => {
  await using scene = await cliScene();
  await scene.must('init', scene.remote.url);
  expect(await scene.files()).toEqual(['config/errand.yaml', 'tasks/.gitkeep']);
  expect(await scene.content('config/errand.yaml')).toContain('#machines:');
  const tip = await scene.remote.repository.resolve('refs/heads/main');
  const again = await scene.json('init', scene.remote.url, '--json');
  expect(again).toEqual({ schema: 1, queue: scene.remote.url, branch: 'main', commit: null, made: [] });
  expect(await scene.remote.repository.resolve('refs/heads/main')).toBe(tip);
});

test('init and maintain let clones leave files out, in a bare repository that is ours and says nothing of it', async () => {
  await using scene = await cliScene();
  const { repository } = scene.remote;
  const asked = (): Promise<string> =>
    repository.git('config', '--local', '--default', 'unset', '--get', 'uploadpack.allowFilter').then((text) => text.trim());
  await repository.git('config', '--local', '--unset', 'uploadpack.allowFilter');
  await scene.must('init', scene.remote.url);
  expect(await asked()).toBe('true');
  await repository.git('config', '--local', '--unset', 'uploadpack.allowFilter');
  expect(await scene.must('maintain', repository.dir, '--dry-run')).toContain('would set uploadpack.allowFilter');
  expect(await asked()).toBe('unset');
  expect(await scene.must('maintain', repository.dir)).toContain('\nset uploadpack.allowFilter');
  await repository.git('config', '--local', 'uploadpack.allowFilter', 'false');
  await scene.must('maintain', repository.dir);
  await scene.must('init', scene.remote.url);
  expect(await asked()).toBe('false');
});

test('init adds what is missing on a branch that has other files', async () => {
  await using scene = await cliScene();
  const ada = await scene.person();
  await ada.write('README.md', 'code\n');
  await ada.writeTask('hello', 'uptime\n');
  await ada.commit();
  await ada.push();
  await scene.must('init', scene.remote.url);
  expect(await scene.files()).toEqual(['README.md', 'config/errand.yaml', 'tasks/hello.md']);
});

test('a clone of a queue on a branch of its own name shows it', async () => {
  await using scene = await cliScene();
  await scene.must('init', scene.remote.url, '--branch', 'errand');
  const ada = await scene.person();
  expect(await ada.read('config/errand.yaml')).not.toBeNull();
});

test('a path without a repository is an error that says how to make one', async () => {
  await using scene = await cliScene();
  const missing = await scene.errand('init', 'none.git');
  expect(missing.exitCode).toBe(4);
  expect(missing.stderr).toContain(`git init --bare -b main ${scene.dir}/none.git`);
});

test('join writes a file that only its owner can read, says what to do next, and does not replace it', async () => {
  await using scene = await cliScene();
  const options = ['--machine', 'pi', '--slots', '2', '--capability', 'docker', '--capability', 'gpu'];
  const said = await scene.must('join', scene.remote.url, ...options);
  expect(said).toContain('errand worker');
  expect(said).toContain('command: { argv: [sh, -s] }');
  const path = join(scene.dir, 'home/.config/errand/config.yaml');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(`queue: ${scene.remote.url}`);
  expect(text).toContain('capabilities: [docker, gpu]');
  const again = await scene.errand('join', scene.remote.url, '--machine', 'vm');
  expect(again).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('--force') });
  expect(await readFile(path, 'utf8')).toBe(text);
  await scene.must('join', scene.remote.url, '--machine', 'vm', '--force');
  expect(await readFile(path, 'utf8')).toContain('machine: vm');
});

test('join refuses a name that no machine can have', async () => {
  await using scene = await cliScene();
  expect(await scene.errand('join', scene.remote.url, '--machine', 'Any Pi')).toMatchObject({ exitCode: 2, stdout: '' });
});

test('join says of a repository that is no queue yet how it becomes one, and writes the file all the same', async () => {
  await using scene = await cliScene();
  const empty = await scene.errand('join', scene.remote.url, '--machine', 'pi');
  expect(empty.exitCode).toBe(0);
  expect(empty.stderr).toBe(
    `errand: warning: ${scene.remote.url} is no queue yet: it has no branch main. Make it one: errand init ${scene.remote.url}\n`,
  );
  expect(await readFile(join(scene.dir, 'home/.config/errand/config.yaml'), 'utf8')).toContain('machine: pi');
  const person = await scene.person();
  await person.write('README.md', 'code');
  await person.commit();
  await person.push();
  const again = ['join', scene.remote.url, '--force'];
  expect((await scene.errand(...again)).stderr).toContain('has no config/errand.yaml');
  await scene.must('init', scene.remote.url);
  expect(await scene.errand(...again)).toMatchObject({ exitCode: 0, stderr: '' });
});

test('join takes the name of the host where none is given', async () => {
  await using scene = await cliScene();
  await scene.must('init', scene.remote.url);
  const { machine } = (await scene.json('join', scene.remote.url, '--json')) as { machine: string };
  expect(await scene.must('help', 'join')).toContain('may be left out');
  expect(machine).toMatch(/^[a-z0-9-]+$/);
});
