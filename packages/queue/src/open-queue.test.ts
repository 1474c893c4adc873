import { type MemoryPort, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openQueue, type Queue } from './open-queue.ts';
import { MemoryScene } from './rig/memory-scene.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function opened(): Promise<{ scene: MemoryScene; port: MemoryPort; queue: Queue; clock: { now: number } }> {
  const scene = new MemoryScene();
  await scene.commit({ 'tasks/a.md': 'A' });
  const port = scene.clone();
  const clock = { now: 0 };
  const reading = { wallMs: () => clock.now, elapsedMs: () => clock.now };
  return {
    scene,
    port,
    clock,
    queue: openQueue({ remote: 'memory:', branch: 'main', stateDir: folder.path, clock: reading, port }),
  };
}

test('a view carries the moment at which its fetch began', async () => {
  const { scene, queue, clock } = await opened();
  clock.now = 500;
  scene.remote.beforeRequest = async () => {
    clock.now = 9_000;
  };
  expect(await queue.readView()).toMatchObject({ ok: true, view: { at: 500, seq: 1, tip: scene.tip } });
});

test('a failed fetch gives no view, and the last one can still be read', async () => {
  const { scene, queue } = await opened();
  await queue.readView();
  scene.remote.goAway();
  expect(await queue.readView()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
  expect((await queue.readLastView())?.tasks.has('a')).toBe(true);
});

test('a clone that lost an object is made anew, once, and the view is as good as ever', async () => {
  const { scene, port, queue } = await opened();
  await queue.readView();
  await scene.commit({ 'tasks/b.md': 'B' });
  let remakes = 0;
  const { fetch, remake } = port;
  port.fetch = async () => {
    const fetched = await fetch.call(port);
    if (remakes === 0) port.lose(scene.tip ?? '');
    return fetched;
  };
  port.remake = (reason) => {
    remakes += 1;
    return remake.call(port, reason);
  };
  const read = await queue.readView();
  expect(read.ok && [...read.view.tasks.keys()]).toEqual(['a', 'b']);
  expect(remakes).toBe(1);
});

test('what even a new clone does not have is a failure to be tried again, not the end', async () => {
  const { scene, port, queue } = await opened();
  const { fetch } = port;
  port.fetch = async () => {
    const fetched = await fetch.call(port);
    port.lose(scene.tip ?? '');
    return fetched;
  };
  expect(await queue.readView()).toMatchObject({ ok: false, cause: { kind: 'transient' } });
  port.fetch = fetch;
  expect(await queue.readView()).toMatchObject({ ok: true });
});

test('two readers of one state directory take turns', async () => {
  const { queue } = await opened();
  const order: string[] = [];
  let letGo = (): void => {};
  let began = (): void => {};
  const begun = new Promise<void>((resolve) => {
    began = resolve;
  });
  const first = queue.exclusively(async () => {
    order.push('first begins');
    began();
    await new Promise<void>((resolve) => {
      letGo = resolve;
    });
    order.push('first ends');
  });
  await begun;
  const second = queue.exclusively(async () => void order.push('second'));
  letGo();
  await Promise.all([first, second]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});
