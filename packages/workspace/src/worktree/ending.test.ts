import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { mustRun } from '@errand/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../rig/test-rig.ts';
import { commit, Scene, write } from '../rig/worktree-scene.ts';
import { cacheName } from './clone-cache.ts';
import { limitTime } from './limit-time.ts';

/** Makes the remote wait for ever in the middle of an answer; `reached` resolves when someone waits for it. */
async function holdUp(scene: Scene): Promise<{ reached: () => Promise<void>; goOn: () => Promise<void> }> {
  const pipe = join(scene.remote.repository.dir, 'packed-refs');
  await mustRun('mkfifo', [pipe], { env: scene.env });
  let writer: FileHandle | null = null;
  onTestFinished(() => writer?.close());
  return {
    // A pipe can be opened so only while it is being read.
    reached: () =>
      until(async () => {
        writer = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null);
        return writer !== null;
      }),
    goOn: () => rm(pipe),
  };
}

describe('an attempt that was asked to end', () => {
  test('waits for no remote while it is being prepared, and leaves nothing', async () => {
    const scene = await Scene.open();
    const held = await holdUp(scene);
    const asked = new AbortController();
    const preparing = scene.try({ signal: asked.signal });
    await held.reached();
    asked.abort();
    expect(await preparing).toMatchObject({ ok: false, cause: 'unavailable', message: expect.stringContaining('was ended') });
    expect(await readdir(join(scene.stateDir, 'run'))).toEqual([]);
    expect(await readdir(join(scene.stateDir, 'repos'))).toEqual([]);
  });

  test('waits for no other process that uses the clone, and does not keep the lock when it comes', async () => {
    const scene = await Scene.open();
    const repos = join(scene.stateDir, 'repos');
    await mkdir(repos, { recursive: true });
    const name = `${cacheName(scene.remote.url)}.lock`;
    const other = await acquireLock(join(repos, name), { waitMs: 0, what: 'the test' });
    if ('failure' in other) throw new Error(other.failure.message);
    const asked = new AbortController();
    const preparing = scene.try({ signal: asked.signal });
    await until(async () => (await readdir(repos)).some((entry) => entry.startsWith(`${name}.`)));
    asked.abort();
    expect(await preparing).toMatchObject({ ok: false, cause: 'unavailable' });
    await other.lock.release();
    // The wait that nobody waits for any more ends, and what it took is given back.
    await until(async () => (await readdir(repos)).length === 0);
    expect(await scene.try()).toMatchObject({ ok: true });
  });

  test('commits nothing any more', async () => {
    const scene = await Scene.open();
    const asked = new AbortController();
    const ready = await scene.prepare({ signal: asked.signal });
    await write(ready, 'new');
    asked.abort();
    expect(await commit(ready)).toMatchObject({ ok: false, message: expect.stringContaining('was ended') });
  });

  test('ends its push, which can be repeated by whoever takes the worktree over', async () => {
    const scene = await Scene.open();
    const asked = new AbortController();
    const ready = await scene.prepare({ signal: asked.signal });
    await write(ready, 'new');
    await commit(ready);
    const held = await holdUp(scene);
    const delivering = ready.worktree.deliver();
    await held.reached();
    asked.abort();
    expect(await delivering).toMatchObject({ ok: false, cause: 'unavailable', message: expect.stringContaining('was ended') });
    await held.goOn();
    const again = await scene.prepare({ takeOver: ready.worktree.kept });
    await commit(again);
    expect(await again.worktree.deliver()).toEqual({ ok: true });
  });
});

describe('the time to prepare', () => {
  test('is limited, and running out of it passes', async () => {
    const scene = await Scene.open();
    await holdUp(scene);
    const message = expect.stringContaining('took longer than');
    expect(await scene.try({ timeoutMs: 1 })).toMatchObject({ ok: false, cause: 'unavailable', message });
  });

  test('may be longer than a timer can hold, and does not outlast the preparation', () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const limit = limitTime(undefined, 2 ** 40);
    vi.advanceTimersByTime(60_000);
    expect(limit.signal.aborted).toBe(false);
    limit.clear();
    expect(vi.getTimerCount()).toBe(0);
  });
});
