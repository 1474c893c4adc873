import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { listRefFolders } from './local-refs.ts';

test('the refs of a repository on this disk are in its folder, or in the one that git keeps in a checkout', async () => {
  await using folder = temporaryDirectory();
  const bare = join(folder.path, 'a queue.git');
  expect(listRefFolders(bare, 'main')).toContain(join(bare, 'refs', 'heads'));
  expect(listRefFolders(pathToFileURL(bare).href, 'main')).toEqual(listRefFolders(bare, 'main'));
  expect(listRefFolders(bare, 'team/queue')).toContain(join(bare, 'refs', 'heads', 'team'));
  mkdirSync(join(folder.path, '.git', 'refs'), { recursive: true });
  expect(listRefFolders(folder.path, 'main')).toContain(join(folder.path, '.git', 'refs', 'errand', 'tasks'));
});

test.each(['git@host:me/queue.git', 'https://host/queue.git', 'ssh://host/srv/queue.git', 'file://host/queue.git'])(
  'the refs of %s are elsewhere',
  (remote) => {
    expect(listRefFolders(remote, 'main')).toEqual([]);
  },
);
