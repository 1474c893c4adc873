import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, httpRemote, sshRemote, whyNoSshRemote } from '@errand/testing';
import { describe, test } from 'vitest';
import { Scene } from '../rig/scene.ts';

const WRONG = 'wrong-horse-battery';
/** Everything that is written under a folder, in one text. */
async function textsUnder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

/** The last line says what to do. */
function adviceOf({ stderr }: CommandResult): string {
  return stderr.trimEnd().split('\n').at(-1) ?? '';
}

describe.concurrent('a machine that is not let in', () => {
  test('because its password is wrong is told so, by commands and by its worker, and the password is nowhere to be read', async ({
    expect,
  }) => {
    const remote = await httpRemote();
    await using scene = await Scene.open(async () => remote);
    const wrong = remote.url.replace(remote.password, WRONG);

    const status = await scene.errand('pi', 'status', '--queue', wrong);
    const delegated = await scene.errand('pi', 'delegate', 'any', '--queue', wrong, 'Do something.');
    const worker = await scene.errand('pi', 'worker', '--once', '--verbose', '--queue', wrong);
    expect([status.exitCode, delegated.exitCode, worker.exitCode]).toEqual([4, 0, 4]);
    for (const said of [status.stderr, delegated.stderr, worker.stdout]) expect(said).toContain('Authentication failed');
    for (const result of [status, worker]) expect(adviceOf(result)).toMatch(/^ {2}Check .*password.*\.$/);

    const printed = [status, delegated, worker].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
    const kept = await textsUnder(scene.stateDir('pi'));
    expect(kept).toContain('Do something.');
    expect(printed + kept).not.toContain(WRONG);
  });

  test.skipIf(whyNoSshRemote() !== null && process.env.CI !== 'true')(
    'because it does not know the key of the server is told so, and trusts nobody on its own',
    async ({ expect }) => {
      const remote = await sshRemote();
      const known = /UserKnownHostsFile=\S+/;
      const command = (remote.env.GIT_SSH_COMMAND ?? '').replace(known, 'UserKnownHostsFile=/dev/null');
      const stranger = { ...remote, env: { ...remote.env, GIT_SSH_COMMAND: command } };
      // A person's clone is not needed here, and could not be made.
      await using scene = await Scene.open(async () => stranger);
      const status = await scene.errand('pi', 'status');
      const worker = await scene.errand('pi', 'worker', '--once');
      expect([status.exitCode, worker.exitCode]).toEqual([4, 4]);
      for (const said of [status.stderr, worker.stdout]) {
        expect(said).toMatch(/No \w+ host key is known for \S+ and you have requested strict checking/);
        expect(said).toContain('Host key verification failed');
      }
      for (const result of [status, worker]) expect(adviceOf(result)).toMatch(/^ {2}Check .*key.*\.$/);
    },
  );
});
