import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { changeBranch } from './change-branch.ts';
import { readCommit, readTree } from './objects.ts';
import { openQueue, type Queue } from './open-queue.ts';
import type { FetchOutcome } from './port.ts';
import { before } from './rig/meddle.ts';
import { MemoryScene } from './rig/memory-scene.ts';
import { overMemoryAndGit } from './rig/over-memory-and-git.ts';
import type { Scene } from './rig/scene.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function openedOn(scene: Scene): Promise<{ scene: Scene; queue: Queue; clock: { now: number } }> {
  await scene.commit({ 'tasks/a.md': 'A' });
  const clock = { now: 0 };
  const reading = { wallMs: () => clock.now, elapsedMs: () => clock.now };
  return { scene, clock, queue: scene.openQueue({ stateDir: folder.path, clock: reading }) };
}

overMemoryAndGit((open) => {
  test('a view carries the moment at which its fetch began', async () => {
    const { scene, queue, clock } = await openedOn(await open());
    clock.now = 500;
    before(queue.port, 'fetch', async () => {
      clock.now = 9_000;
    });
    expect(await queue.readView()).toMatchObject({ ok: true, view: { at: 500, seq: 1, tip: await scene.tip() } });
  });

  test('a failed fetch gives no view, and the last one can still be read', async () => {
    const { scene, queue } = await openedOn(await open());
    await queue.readView();
    await scene.goAway();
    expect(await queue.readView()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
    expect((await queue.readLastView())?.tasks.has('a')).toBe(true);
  });

  test('without the content of its file a queue gives no view, and the clone is not made anew for it; the last good one will do', async () => {
    const { scene, queue } = await openedOn(await open());
    // So large that no fetch brings it along.
    const configure = (model: string) =>
      scene.commit({ 'config/errand.yaml': `schema: 1\ndefaults: { model: ${model} }\n# ${'x'.repeat(20_000)}\n` });
    await configure('opus');
    const { fetchBlobs } = queue.port;
    const loseTouch = () => {
      queue.port.fetchBlobs = async () => ({ ok: false, cause: { kind: 'unreachable', message: 'connection reset' } });
    };
    const remake = vi.spyOn(queue.port, 'remake');
    loseTouch();
    const message = expect.stringContaining('config/errand.yaml');
    expect(await queue.readView()).toEqual({ ok: false, cause: { kind: 'transient', message } });
    expect((await queue.readLastView())?.tasks.has('a')).toBe(true);
    queue.port.fetchBlobs = fetchBlobs;
    const read = await queue.readView();
    expect(read.ok && read.view.tasks.get('a')?.parsed).toMatchObject({ ok: true, value: { model: 'opus' } });
    await configure('haiku');
    loseTouch();
    expect(await queue.readView()).toMatchObject({ ok: true });
    expect(queue.config.defaults.model).toBe('opus');
    expect(remake).not.toHaveBeenCalled();
  });

  test('two readers of one state directory take turns', async () => {
    const { queue } = await openedOn(await open());
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
});

/** A clone that loses one object and nothing else can be had in memory alone; what real ones lose is in `git/damage.test.ts`. */
async function openedInMemory() {
  const scene = new MemoryScene();
  await scene.commit({ 'tasks/a.md': 'A' });
  const port = scene.clone();
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  return { scene, port, queue: openQueue({ remote: 'memory:', branch: 'main', stateDir: folder.path, clock, port }) };
}

test('a clone that lost an object is made anew, once, and the view is as good as ever', async () => {
  const { scene, port, queue } = await openedInMemory();
  await queue.readView();
  await scene.commit({ 'tasks/b.md': 'B' });
  let remakes = 0;
  const { fetch, remake } = port;
  port.fetch = async () => {
    const fetched = await fetch.call(port);
    if (remakes === 0) port.lose((await scene.tip()) ?? '');
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

test('the outbox keeps what a clone cannot send that is damaged again when it was made anew, and nothing is thrown', async () => {
  const { scene, port, queue } = await openedInMemory();
  await queue.outbox.add({ id: 'b', content: 'B', subject: 'add: b', createdAt: '2026-11-20T09:00:00.000Z', commits: [] });
  const { fetch } = port;
  port.fetch = async () => {
    const fetched = await fetch.call(port);
    port.lose((await scene.tip()) ?? '');
    return fetched;
  };
  expect(await queue.flushOutbox()).toMatchObject({ ok: false, sent: [], pending: ['b'], cause: { kind: 'transient' } });
  port.fetch = fetch;
  await port.remake('a test');
  expect(await queue.flushOutbox()).toEqual({ ok: true, sent: ['b'] });
});

test('a change finds its clone damaged after the look, and is made on a new one', async () => {
  const { scene, port, queue } = await openedInMemory();
  await port.fetch();
  const { tree } = await readCommit(port, (await scene.tip()) ?? '');
  const tasks = (await readTree(port, tree)).find(({ name }) => name === 'tasks');
  let damaged = false;
  const outcome = await changeBranch(queue, async () => {
    if (!damaged) port.lose(tasks?.oid ?? '');
    damaged = true;
    return { ok: true, changes: [{ path: 'tasks/a.md', blob: null }], subject: 'cancel: a' };
  });
  expect(outcome).toEqual({ ok: true, commit: await scene.tip() });
  expect((await scene.files()).has('tasks/a.md')).toBe(false);
});

test('what even a new clone does not have is a failure to be tried again, not the end', async () => {
  const { scene, port, queue } = await openedInMemory();
  const { fetch, remake } = port;
  const tip = (await scene.tip()) ?? '';
  const losing = (bring: Promise<FetchOutcome>): Promise<FetchOutcome> => bring.finally(() => port.lose(tip));
  port.fetch = () => losing(fetch.call(port));
  port.remake = (reason) => losing(remake.call(port, reason));
  expect(await queue.readView()).toMatchObject({ ok: false, cause: { kind: 'transient' } });
  Object.assign(port, { fetch, remake });
  expect(await queue.readView()).toMatchObject({ ok: true });
});

test('between two tries of a fetch that broke there is a pause, as long as chance has it', async () => {
  const scene = new MemoryScene();
  await scene.commit({ 'tasks/a.md': 'A' });
  const port = scene.clone();
  const { fetch } = port;
  let broken = 2;
  port.fetch = async () =>
    broken-- > 0 ? { ok: false, cause: { kind: 'transient', message: 'it broke off' } } : fetch.call(port);
  let asked = 0;
  const random = (): number => {
    asked += 1;
    return 0;
  };
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  const queue = openQueue({ remote: 'memory:', branch: 'main', stateDir: folder.path, clock, random, port });
  expect(await queue.readView()).toMatchObject({ ok: true });
  expect(asked).toBe(2);
});
