import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listWorkspaces } from '../list-workspaces.ts';
import { commit, type Ready, Scene, write } from '../rig/worktree-scene.ts';

async function made(scene: Scene, attempt: number): Promise<Ready> {
  const ready = await scene.prepare({ attempt });
  await write(ready, 'new');
  await commit(ready);
  return ready;
}

async function undelivered({ stateDir }: Scene): Promise<string[]> {
  const all = await listWorkspaces(stateDir, { nonces: new Set() });
  return all.flatMap((one) => (one.undelivered ? [one.path.slice(stateDir.length + 1)] : []));
}

test('commits that the remote has refused, or that it cannot be asked about, are undelivered until it has them', async () => {
  const scene = await Scene.open();
  const [refused, unasked] = [await made(scene, 1), await made(scene, 2)];
  expect(await undelivered(scene)).toEqual([]);
  // A repository on this disk runs no hooks: what refuses is its own setting.
  await scene.remote.repository.git('config', 'transfer.hideRefs', 'refs/heads/errand');
  expect(await refused.worktree.deliver()).toMatchObject({ ok: false });
  expect(await undelivered(scene)).toEqual(['work/fix-it/1']);
  await scene.remote.repository.git('config', '--unset', 'transfer.hideRefs');
  expect(await refused.worktree.deliver()).toEqual({ ok: true });
  expect(await undelivered(scene)).toEqual([]);
  await rm(scene.remote.repository.dir, { recursive: true });
  expect(await unasked.worktree.deliver()).toMatchObject({ ok: false });
  expect(await undelivered(scene)).toEqual(['work/fix-it/2']);
  await unasked.worktree.discard();
  expect([await undelivered(scene), existsSync(unasked.worktree.kept.admin)]).toEqual([[], false]);
});
