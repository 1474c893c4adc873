import { mkdir, open, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Machine } from '../rig/machine.ts';
import { repository } from './repository.ts';

test('a lock file that a killed git left in a repository of this machine is named with its remedy; a young one is not', async () => {
  await using machine = new Machine();
  const dir = join(machine.folder.path, 'queue.git');
  for (const folder of ['objects', 'refs/heads']) await mkdir(join(dir, folder), { recursive: true });
  await machine.configure(`queue: ${dir}`);
  await writeFile(join(dir, 'HEAD.lock'), '');
  const old = join(dir, 'refs/heads/main.lock');
  await writeFile(old, '');
  await utimes(old, 1, 1);
  expect(await machine.see({ fix: true }, repository)).toMatchObject([{ state: 'fault', fixable: false, command: `rm ${old}` }]);
  expect(await readdir(join(dir, 'refs/heads'))).toEqual(['main.lock']);
});

test('a repository behind a link is judged by what the link leads to, whose files may be open', async () => {
  await using machine = new Machine();
  const dir = join(machine.folder.path, 'disk/queue.git');
  for (const folder of ['objects', 'refs']) await mkdir(join(dir, folder), { recursive: true });
  await symlink(dir, join(machine.folder.path, 'queue.git'));
  await machine.configure(`queue: ${join(machine.folder.path, 'queue.git')}`);
  expect(await machine.see({}, repository)).toMatchObject([{ state: 'ok' }]);
  const lock = join(dir, 'packed-refs.lock');
  const held = await open(lock, 'w');
  await utimes(lock, 1, 1);
  // Which files are open, only Linux tells.
  if (process.platform === 'linux') expect(await machine.see({}, repository)).toMatchObject([{ state: 'ok' }]);
  await held.close();
  expect(await machine.see({}, repository)).toMatchObject([{ state: 'fault', command: `rm ${lock}` }]);
});
