import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Person } from '../person.ts';
import { runCommand } from '../run-command.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { httpRemote } from './http-remote.ts';
import { ordinaryUser } from './ordinary-user.ts';
import { REMOTE_KINDS } from './remote-kinds.ts';
import { overSlowLink } from './slow-remote.ts';
import { sshRemote } from './ssh-remote.ts';
import { whyNoSshRemote } from './ssh-server.ts';
import type { TestRemote } from './test-remote.ts';

const withoutSsh = whyNoSshRemote() !== null && process.env.CI !== 'true';

async function answers(remote: TestRemote): Promise<boolean> {
  return (await runCommand('git', ['ls-remote', remote.url], { env: remote.env })).exitCode === 0;
}

async function pushFrom(remote: TestRemote, folder: string, words: string): Promise<void> {
  const ada = await Person.clone(remote, folder);
  await ada.write('note', words);
  await ada.commit(words);
  await ada.push();
}

for (const { name, missing, start } of REMOTE_KINDS) {
  describe.skipIf(missing !== null && process.env.CI !== 'true')(`a server for remotes over ${name}`, () => {
    test('gives each remote a repository of its own, and outlives one that was away', async () => {
      await using folder = temporaryDirectory();
      await using server = await start();
      const first = await server.openRemote();
      await pushFrom(first, join(folder.path, 'first'), 'for the first');
      await first.goAway();
      expect(await answers(first)).toBe(false);
      await first[Symbol.asyncDispose]();

      await using second = await server.openRemote();
      expect(await second.repository.refs()).toEqual(new Map());
      await pushFrom(second, join(folder.path, 'second'), 'for the second');
      expect(await second.repository.git('log', '--format=%s', 'main')).toBe('for the second\n');
    });
  });
}

test.skipIf(withoutSsh)('over ssh an ordinary user logs in, and owns what was pushed, whoever runs the tests', async () => {
  await using folder = temporaryDirectory();
  await using remote = await sshRemote();
  const user = await ordinaryUser();
  expect(user.uid).not.toBe(0);
  expect(new URL(remote.url).username).toBe(user.name);
  await pushFrom(remote, join(folder.path, 'ada'), 'hello');
  expect((await stat(join(remote.repository.dir, 'refs', 'heads', 'main'))).uid).toBe(user.uid);
  await remote.repository.git('update-ref', 'refs/heads/other', 'main');
  expect((await stat(join(remote.repository.dir, 'refs', 'heads', 'other'))).uid).toBe(user.uid);
});

const behindAServer: [string, () => Promise<TestRemote>][] = [
  ['http', httpRemote],
  ...(withoutSsh ? [] : ([['ssh', sshRemote]] as [string, () => Promise<TestRemote>][])),
];

test.each(behindAServer)('a remote over %s works over a slow link, and is away when the link is', async (_name, open) => {
  const delayMs = 20;
  await using folder = temporaryDirectory();
  await using remote = await overSlowLink(await open(), { delayMs });
  const began = performance.now();
  await pushFrom(remote, join(folder.path, 'ada'), 'from afar');
  // Cloning and pushing are two connections, each with a greeting, a question and an answer at the least.
  expect(performance.now() - began).toBeGreaterThan(2 * 4 * delayMs);
  expect(remote.link.connections).toBeGreaterThanOrEqual(2);
  expect(await remote.repository.git('log', '--format=%s', 'main')).toBe('from afar\n');
  await remote.link.goAway();
  expect(await answers(remote)).toBe(false);
  await remote.comeBack();
  expect(await answers(remote)).toBe(true);
});
