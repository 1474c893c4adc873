import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckout } from './open-checkout.ts';
import { Watched, WatchScene } from './rig/watch-scene.ts';

test('what is no checkout of a queue is refused, with what to do', async () => {
  await using scene = await WatchScene.open();
  const ada = await scene.person('Ada');
  const codeOf = async (dir: string, env: Record<string, string> = ada.env): Promise<string> => {
    const opened = await openCheckout(dir, env);
    if (!opened.ok) expect(opened.failure.hint).toMatch(/\.$/);
    return opened.ok ? 'ok' : opened.failure.code;
  };
  expect(await codeOf(join(ada.dir, 'nowhere'))).toBe('no-checkout');
  expect(await codeOf(join(ada.dir, '..'))).toBe('no-checkout');
  expect(await codeOf(scene.remote.repository.dir)).toBe('no-checkout');
  await writeFile(join(ada.env.HOME ?? '', '.gitconfig'), '[user]\n\tuseConfigOnly = true\n');
  expect(await codeOf(ada.dir)).toBe('no-identity');
  await ada.git('config', 'user.name', 'Ada');
  await ada.git('config', 'user.email', 'ada@localhost');
  expect(await codeOf(ada.dir)).toBe('ok');
  await ada.git('switch', '--quiet', '-c', 'side');
  expect(await codeOf(ada.dir)).toBe('no-upstream');
  await ada.git('switch', '--quiet', '--detach');
  expect(await codeOf(ada.dir)).toBe('detached');
  await ada.git('switch', '--quiet', 'main');
  await ada.git('rm', '-r', '--quiet', 'tasks', 'config');
  await ada.git('commit', '--quiet', '-m', 'no queue any more');
  expect(await codeOf(ada.dir)).toBe('no-queue');
});

test('a folder tasks/ makes no queue of a repository: its own file does, or what workers have left at the remote', async () => {
  await using scene = await WatchScene.open();
  const ada = await scene.person('Ada');
  await ada.git('rm', '--quiet', 'config/errand.yaml');
  await ada.git('commit', '--quiet', '-m', 'a repository of code');
  await ada.push();
  const open = async (): Promise<string> => {
    const opened = await openCheckout(ada.dir, ada.env);
    return opened.ok ? 'ok' : `${opened.failure.code}: ${opened.failure.message}`;
  };
  expect(await open()).toMatch(/^no-queue: .* no config\/errand\.yaml, and no worker has left a record at origin$/);
  await scene.remote.repository.git('update-ref', 'refs/errand/workers/pi', 'main');
  expect(await open()).toBe('ok');
  await scene.remote.goAway();
  expect(await open()).toMatch(/^no-queue: .* origin cannot be asked \(/);
});

test('a linked worktree is watched like any other checkout, from within its tasks folder too', async () => {
  await using scene = await WatchScene.open();
  const ada = await scene.person('Ada');
  await ada.git('switch', '--quiet', '-c', 'elsewhere');
  const dir = join(ada.dir, '..', 'linked');
  await ada.git('worktree', 'add', '--quiet', dir, 'main');
  const tasks = join(dir, 'tasks');
  await mkdir(tasks, { recursive: true });
  const opened = await openCheckout(tasks, { ...ada.env, GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' });
  expect(opened).toMatchObject({ ok: true, checkout: { dir, ref: 'refs/heads/main', remote: 'origin' } });
  const { watcher, events } = await scene.watch(Object.assign(Object.create(Object.getPrototypeOf(ada)), ada, { dir }));
  const watched = new Watched(scene, ada, watcher, events);
  await writeFile(join(tasks, 'one.md'), 'Do one.\n');
  await watched.untilQuiet();
  expect(watched.told('sent')).toEqual([{ type: 'sent', ids: ['one'], removed: [] }]);
  await writeFile(join(ada.dir, '.git/worktrees/linked/index.lock'), '');
  await writeFile(join(tasks, 'two.md'), 'Do two.\n');
  await watched.untilQuiet();
  expect(watched.told('engaged')).toMatchObject([{ engagement: { what: 'index-locked' } }]);
  expect(watched.told('committed')).toHaveLength(1);
});
