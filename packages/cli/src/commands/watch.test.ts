import { join } from 'node:path';
import { Person, pathRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { type CliScene, readyScene } from '../rig/cli-scene.ts';

/** A queue on this disk that is not the one of this machine, in a checkout. */
async function otherQueue(scene: CliScene): Promise<{ url: string; dir: string } & AsyncDisposable> {
  const remote = await pathRemote();
  const person = await Person.clone(remote, join(scene.dir, 'other'));
  await person.write('config/errand.yaml', '');
  await person.write('tasks/.gitkeep', '');
  await person.commit('another queue');
  await person.push();
  return { url: remote.url, dir: person.dir, [Symbol.asyncDispose]: () => remote[Symbol.asyncDispose]() };
}

test('the first line names where it sends to', async () => {
  await using scene = await readyScene();
  const person = await scene.person();
  expect((await scene.must('watch', '--once', person.dir)).split('\n')[0]).toContain(
    `(main, which follows origin/main at ${scene.remote.url})`,
  );
});

test('a checkout of another queue than this machine’s is refused with both addresses, until the queue is named', async () => {
  await using scene = await readyScene();
  await using other = await otherQueue(scene);
  const refused = await scene.errand('watch', '--once', other.dir);
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toContain(`sends to ${other.url}, and this machine has joined ${scene.remote.url}`);
  expect(refused.stderr).toContain(`ERRAND_QUEUE=${other.url} errand watch ${other.dir}`);
  scene.env.ERRAND_QUEUE = other.url;
  expect(await scene.must('watch', '--once', other.dir)).toContain(`at ${other.url}`);
});

test('the address of this machine’s queue by another name is known by its history', async () => {
  await using scene = await readyScene();
  const person = await scene.person();
  await scene.must('status');
  scene.env.GIT_SSH_COMMAND = 'false';
  await person.git('remote', 'set-url', 'origin', 'alias-of-it:queue.git');
  const away = await scene.errand('watch', '--once', person.dir);
  expect(away.stdout).toContain('at alias-of-it:queue.git');
});
