import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { spellRepository } from './spell-repository.ts';

test('one repository on this disk has one place, however it is spelt', async () => {
  await using folder = temporaryDirectory();
  await mkdir(join(folder.path, 'queue.git'));
  await symlink('queue.git', join(folder.path, 'link'));
  const place = spellRepository(join(folder.path, 'queue.git'), '/');
  for (const spelling of ['queue.git', 'queue', 'link', './queue.git/', `file://${folder.path}/queue.git`]) {
    expect([spelling, spellRepository(spelling, folder.path)]).toEqual([spelling, place]);
  }
  expect(spellRepository('other.git', folder.path)).not.toEqual(place);
});

test('one repository on a server has one place over ssh and https, whoever asks', () => {
  const place = { host: 'host.example', path: 'me/queue' };
  for (const spelling of [
    'git@host.example:me/queue.git',
    'HOST.example:me/queue',
    'ssh://me@host.example:2222/me/queue.git/',
    'https://token@host.example/me/queue.git',
  ]) {
    expect([spelling, spellRepository(spelling, '/')]).toEqual([spelling, place]);
  }
});
