import { join } from 'node:path';
import { Person, pathRemote } from '@errand/testing';
import { expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { filters } from './filters.ts';

test('a repository of our own on this disk is told to filter by --fix, unless somebody has decided otherwise', async () => {
  await using machine = new Machine();
  await using remote = await pathRemote();
  const person = await Person.clone(remote, join(machine.folder.path, 'person'));
  await person.write('config/errand.yaml', '');
  await person.commit('make the queue');
  await person.push();
  await machine.configure(`queue: ${remote.url}`);
  const look = (fix: boolean) => machine.see({ offline: false, fix }, filters);
  await remote.repository.git('config', 'uploadpack.allowFilter', 'false');
  expect(await look(true)).toMatchObject([{ state: 'note', fixable: false, fixed: false }]);
  await remote.repository.git('config', '--unset', 'uploadpack.allowFilter');
  expect(await look(false)).toMatchObject([{ state: 'note', fixable: true, fixed: false }]);
  const did = `git -C ${remote.repository.dir} config uploadpack.allowFilter true`;
  expect(await look(true)).toMatchObject([{ fixed: true, did }]);
  expect(await look(false)).toMatchObject([{ state: 'ok' }]);
});
