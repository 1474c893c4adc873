import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Scene } from '../rig/worktree-scene.ts';

describe('a git that somebody kills', () => {
  const WAITS = { ok: false, cause: 'unavailable', message: expect.stringContaining('killed') };

  test.each([
    ['fetch', 'kill -9 $$'],
    ['fetch', "echo 'error: index-pack died of signal 9' >&2; exit 128"],
    ['ls-remote', 'kill -9 $$'],
    ['worktree', `PATH=\${PATH#*:} git "$@"; kill -9 $$`],
  ])('over %s (%s) says nothing of the clone', async (command, end) => {
    const scene = await Scene.open();
    const { cache } = (await scene.prepare({ id: 'before' })).worktree.kept;
    scene.interrupt(command, { end });
    expect(await scene.try()).toMatchObject(WAITS);
    expect(await scene.clones()).toEqual([cache]);
    const { kept, branch } = (await scene.prepare()).worktree;
    expect([kept.cache, branch]).toEqual([cache, 'errand/fix-it/1']);
  });

  test.each(['init', 'fetch'])('over %s leaves nothing of a new clone', async (command) => {
    const scene = await Scene.open();
    // What runs without a repository is a mere probe of the disk.
    scene.interrupt(command, { end: '[ -n "$GIT_DIR" ] && kill -9 $$; touch "$life"' });
    expect(await scene.try()).toMatchObject(WAITS);
    expect(await readdir(join(scene.stateDir, 'repos'))).toEqual([]);
    expect(await readdir(join(scene.stateDir, 'run'))).toEqual([]);
    expect(await scene.try()).toMatchObject({ ok: true });
  });

  test('over a look at the base is run again, and is never taken for a base that is not there', async () => {
    const scene = await Scene.open();
    const main = (await scene.remote.repository.resolve('main')) ?? '';
    for (const base of ['main', main, main.slice(0, 9)]) {
      scene.interrupt('rev-parse', { times: 2 });
      expect((await scene.prepare({ base })).worktree.baseOid).toBe(main);
      scene.interrupt('rev-parse', { times: 3 });
      expect(await scene.try({ base })).toMatchObject(WAITS);
    }
    expect(await scene.clones()).toHaveLength(1);
  });

  test('over the fetch of a commit that no branch has is not taken for its absence', async () => {
    const scene = await Scene.open();
    await scene.prepare();
    const { repository } = scene.remote;
    const lone = (await repository.git('commit-tree', '-m', 'of no branch', 'main^{tree}')).trim();
    scene.interrupt('fetch', { end: `case "$*" in *+${lone}:*) kill -9 $$;; *) touch "$life";; esac` });
    expect(await scene.try({ base: lone })).toMatchObject(WAITS);
    expect((await scene.prepare({ base: lone })).worktree.baseOid).toBe(lone);
  });

  test('does not cost the worktree that is to be taken over', async () => {
    const scene = await Scene.open();
    const { kept } = (await scene.prepare()).worktree;
    scene.interrupt('rev-parse', { times: 3 });
    expect(await scene.try({ attempt: 2, takeOver: kept })).toMatchObject(WAITS);
    expect((await scene.prepare({ attempt: 2, takeOver: kept })).takenOver).toBe(true);
  });
});
