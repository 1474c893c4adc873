import { expect, test } from 'vitest';
import { Person } from './person.ts';
import { pathRemote } from './remotes/path-remote.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('two people share a queue, and whoever is slower merges', async () => {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const ada = await Person.clone(remote, `${folder.path}/ada`, 'Ada');
  await ada.writeTask('hello', 'Say hello.\n');
  const first = await ada.commit('a first task');
  await ada.push();
  expect(await remote.repository.resolve('refs/heads/main')).toBe(first);

  const ben = await Person.clone(remote, `${folder.path}/ben`, 'Ben');
  expect(await ben.read('tasks/hello.md')).toBe('Say hello.\n');
  await ben.writeTask('ben', 'From Ben.\n');
  await ben.commit();
  await ada.remove('tasks/hello.md');
  await ada.commit('cancelled');
  await ada.push();
  expect((await ben.tryPush()).exitCode).not.toBe(0);
  await ben.push();
  await ada.pull();
  expect(await ada.read('tasks/ben.md')).toBe('From Ben.\n');
  expect(await ada.read('tasks/hello.md')).toBeNull();
  expect((await ada.git('log', '--format=%an', 'tasks/ben.md')).trim()).toBe('Ben');
});

test('a pull that conflicts says so', async () => {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const ada = await Person.clone(remote, `${folder.path}/ada`);
  await ada.writeTask('a', 'one\n');
  await ada.commit();
  await ada.push();
  const ben = await Person.clone(remote, `${folder.path}/ben`, 'Ben');
  await ada.writeTask('a', 'two\n');
  await ada.commit();
  await ada.push();
  await ben.writeTask('a', 'three\n');
  await ben.commit();
  await expect(ben.pull()).rejects.toThrow('git pull');
});
