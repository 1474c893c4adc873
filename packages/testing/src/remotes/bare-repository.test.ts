import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { pathRemote } from './path-remote.ts';

const PUSHERS = ['a', 'b', 'c', 'd', 'e', 'f'];

test('one push has no answer, and those that come at the same time are taken and answered', async () => {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const git = (...args: string[]) => runCommand('git', args, { cwd: folder.path, env: remote.env });
  const clone = join(folder.path, 'clone');
  await git('clone', '--quiet', remote.url, clone);
  await git('-C', clone, 'commit', '--quiet', '--allow-empty', '-m', 'one');
  for (const round of [1, 2, 3, 4, 5]) {
    await remote.repository.loseNextAnswer();
    const pushed = await Promise.all(
      PUSHERS.map((name) => git('-C', clone, 'push', '--quiet', 'origin', `HEAD:refs/x/${name}/${round}`)),
    );
    const failed = pushed.filter(({ exitCode }) => exitCode !== 0);
    expect(failed.map(({ stderr }) => stderr)).toEqual([expect.not.stringContaining('declined')]);
  }
  expect((await remote.repository.refs()).size).toBe(PUSHERS.length * 5);
});

test('a push that would have no answer has one after all, once all are to be answered', async () => {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const git = (...args: string[]) => runCommand('git', args, { cwd: folder.path, env: remote.env });
  await git('init', '--quiet', '.');
  await git('commit', '--quiet', '--allow-empty', '-m', 'one');
  await remote.repository.loseNextAnswer();
  await remote.repository.answerAll();
  expect((await git('push', remote.url, 'HEAD:refs/heads/main')).exitCode).toBe(0);
});
