import type { Person } from '@errand/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScriptedGit } from '../rig/scripted-git.ts';
import { resultText, type Watched, WatchScene } from '../rig/watch-scene.ts';

let scene: WatchScene;
let ada: Watched;

beforeEach(async () => {
  scene = await WatchScene.open();
  ada = await scene.watched();
});

afterEach(() => scene[Symbol.asyncDispose]());

/** Somebody takes what was filed last off the remote on purpose, from another clone. */
async function purge(instead?: (owner: Person) => Promise<void>): Promise<Person> {
  const owner = await scene.person('Bob');
  await owner.git('reset', '--quiet', '--hard', 'HEAD~1');
  await instead?.(owner);
  await owner.git('push', '--quiet', '--force');
  return owner;
}

async function fileSecret(): Promise<string> {
  await ada.person.writeTask('secret', 'The password is hunter2.\n');
  await ada.untilQuiet();
  expect(await scene.remoteFiles()).toContain('tasks/secret.md');
  return (await ada.person.git('rev-parse', 'HEAD')).trim();
}

/** Whether the branch at the remote reaches it, be it only as ancestry. */
async function isAtRemote(commit: string): Promise<boolean> {
  return (await scene.remote.repository.git('rev-list', 'main')).includes(commit);
}

test('a push that ends in the middle of a look is no branch that was moved back', async () => {
  const cid = await scene.person('Cid');
  const git = await ScriptedGit.install(cid);
  const watched = await scene.watch(cid, git.env);
  await cid.writeTask('one', 'Do one.\n');
  await watched.untilStep('commit');
  await git.beforeNext('log', '"$REAL_GIT" push --quiet');
  await watched.turn();
  expect(await git.pending()).toEqual([]);
  await watched.untilQuiet();
  expect(watched.told('sent')).toMatchObject([{ ids: ['one'] }]);
  expect(watched.told('taken-back')).toEqual([]);
});

describe('what somebody has taken off the remote', () => {
  test('is not sent again, neither with what is filed later nor by the next watcher', async () => {
    const secret = await fileSecret();
    await purge();
    await ada.untilQuiet();
    await ada.person.writeTask('later', 'Do it later.\n');
    await ada.untilQuiet();
    const next = await scene.watch(ada.person);
    await next.untilQuiet();
    expect(await isAtRemote(secret)).toBe(false);
    expect(await scene.remoteLog()).toEqual(['make the queue']);
    expect(ada.told('taken-back')).toEqual([
      { type: 'taken-back', newest: secret, subjects: ['add: secret'], waiting: [], behind: 0 },
    ]);
    expect(next.told('taken-back')).toMatchObject([{ newest: secret, waiting: ['later'] }]);
    expect(ada.told('own-commits')).toEqual([]);
    expect(ada.watcher.unsent).toEqual(['later']);
  });

  test('does not come back as ancestry, where something else was put in its place', async () => {
    const secret = await fileSecret();
    await purge(async (owner) => {
      await owner.write('results/2026-11-20/hello.md', resultText('hello'));
      await owner.commit('done: hello');
    });
    await ada.untilQuiet();
    await ada.untilQuiet();
    expect(await isAtRemote(secret)).toBe(false);
    expect(ada.told('taken-back')).toMatchObject([{ newest: secret, behind: 1 }]);
  });

  test('may be taken off here too: what was filed since goes on', async () => {
    const secret = await fileSecret();
    await purge();
    await ada.person.writeTask('later', 'Do it later.\n');
    await ada.untilQuiet();
    await ada.person.git('rebase', '--quiet', '--onto', '@{u}', secret);
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['add: later', 'make the queue']);
    expect(await ada.person.read('tasks/secret.md')).toBeNull();
  });

  test('may be sent again by its owner', async () => {
    const secret = await fileSecret();
    await purge();
    await ada.untilQuiet();
    await ada.person.git('push', '--quiet');
    await ada.person.writeTask('later', 'Do it later.\n');
    await ada.untilQuiet();
    expect(await isAtRemote(secret)).toBe(true);
    expect(await scene.remoteLog()).toEqual(['add: later', 'add: secret', 'make the queue']);
  });

  test("is known without git's own log of the remote's branch, also to the next watcher", async () => {
    await ada.person.git('config', 'core.logAllRefUpdates', 'false');
    await ada.person.remove('.git/logs/HEAD');
    const secret = await fileSecret();
    await purge();
    await ada.untilQuiet();
    const next = await scene.watch(ada.person);
    await next.untilQuiet();
    expect(await isAtRemote(secret)).toBe(false);
    expect(next.told('taken-back')).toMatchObject([{ newest: secret }]);
  });

  test('is known to a watcher that saw it there, where no log has it', async () => {
    const secret = await fileSecret();
    await ada.person.git('config', 'core.logAllRefUpdates', 'false');
    await ada.person.remove('.git/logs/refs/remotes/origin/main');
    await purge();
    await ada.person.git('fetch', '--quiet');
    await ada.untilQuiet();
    expect(await isAtRemote(secret)).toBe(false);
    expect(ada.told('taken-back')).toMatchObject([{ newest: secret }]);
  });

  test('is known where the clone had it and only the fetch of its owner saw it go', async () => {
    const secret = await fileSecret();
    const cid = await scene.person('Cid');
    await purge();
    await cid.git('fetch', '--quiet');
    const watched = await scene.watch(cid);
    await watched.untilQuiet();
    expect(await isAtRemote(secret)).toBe(false);
    expect(watched.told('taken-back')).toMatchObject([{ newest: secret }]);
  });

  test("of somebody else's is not called a commit of the person's own", async () => {
    const other = await scene.person('Bob');
    await other.write('results/2026-11-20/hello.md', resultText('hello'));
    await other.commit('done: hello');
    await other.push();
    await ada.untilQuiet();
    await scene.remote.repository.git('update-ref', 'refs/heads/main', 'main~1');
    await ada.person.writeTask('one', 'Do one.\n');
    await ada.untilQuiet();
    expect(await scene.remoteLog()).toEqual(['make the queue']);
    expect(ada.told('taken-back').at(-1)).toMatchObject({ subjects: ['done: hello'] });
    expect(ada.told('own-commits')).toEqual([]);
  });
});
