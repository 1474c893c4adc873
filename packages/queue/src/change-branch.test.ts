import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Change, changeBranch } from './change-branch.ts';
import { branchRef } from './names.ts';
import { openQueue } from './open-queue.ts';
import { MemoryScene } from './rig/memory-scene.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function sceneWithTask() {
  const scene = new MemoryScene();
  await scene.commit({ 'tasks/a.md': 'A' });
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  const queue = openQueue({ remote: 'memory:', branch: 'main', stateDir: folder.path, clock, port: scene.clone() });
  let asked = 0;
  /** Cancels `a`; says so where it is gone. */
  const cancel = () =>
    changeBranch<'no such task'>(queue, async (view): Promise<Change<'no such task'>> => {
      asked += 1;
      if (!view.tasks.has('a')) return { ok: false, error: 'no such task' };
      return { ok: true, changes: [{ path: 'tasks/a.md', blob: null }], subject: 'cancel: a' };
    });
  return { scene, queue, cancel, asked: () => asked };
}

test('a change is one commit on the tip, under its subject', async () => {
  const { scene, cancel } = await sceneWithTask();
  const before = scene.tip;
  expect(await cancel()).toEqual({ ok: true, commit: scene.tip });
  expect(scene.remote.objects.commit(scene.tip ?? '')?.parents).toEqual([before]);
  expect(scene.message(branchRef('main'))).toBe('cancel: a\n');
  expect(scene.files().size).toBe(0);
});

test('it is decided again on a tip that moved, and what cannot be done any more is said', async () => {
  const { scene, cancel, asked } = await sceneWithTask();
  scene.remote.beforeRequest = async (request) => {
    if (request !== 'push') return;
    scene.remote.beforeRequest = () => Promise.resolve();
    await scene.commit({ 'tasks/a.md': null });
  };
  expect(await cancel()).toEqual({ ok: false, error: 'no such task' });
  expect(asked()).toBe(2);
});

test('a change whose answer was lost is found in the next view and not decided again', async () => {
  const { scene, cancel, asked } = await sceneWithTask();
  scene.remote.loseNextAnswer();
  expect(await cancel()).toEqual({ ok: true, commit: scene.tip });
  expect(asked()).toBe(1);
  expect(scene.remote.pushes).toBe(2);
});

test('a change that is applied late is found under another’s commit', async () => {
  const { scene, cancel } = await sceneWithTask();
  const { tip } = scene;
  scene.remote.holdNextPush();
  const before = scene.remote.pushes;
  scene.remote.beforeRequest = async () => {
    if (scene.remote.pushes === before || scene.tip !== tip) return;
    scene.remote.beforeRequest = () => Promise.resolve();
    scene.remote.deliverHeld();
    await scene.commit({ 'README.md': 'on top' });
  };
  const outcome = await cancel();
  expect(outcome).toEqual({ ok: true, commit: scene.remote.objects.commit(scene.tip ?? '')?.parents[0] });
});

test('nothing to change makes no commit', async () => {
  const { scene, queue } = await sceneWithTask();
  const before = scene.tip;
  expect(await changeBranch(queue, async () => ({ ok: true, changes: [], subject: 'x' }))).toEqual({ ok: true, commit: null });
  expect(scene.tip).toBe(before);
});

test('a refusal of the server is said at once, and so is a remote that is away', async () => {
  const { scene, cancel, asked } = await sceneWithTask();
  scene.remote.hook = () => 'protected branch';
  expect(await cancel()).toEqual({
    ok: false,
    cause: { kind: 'refused', message: 'the server refused the commit: protected branch' },
  });
  expect(asked()).toBe(1);
  scene.remote.goAway();
  expect(await cancel()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
});

test('a branch that never stands still is given up with the reason', async () => {
  const { scene, cancel } = await sceneWithTask();
  let step = 0;
  const meddle = async (request: string) => {
    if (request !== 'push') return;
    scene.remote.beforeRequest = () => Promise.resolve();
    await scene.commit({ 'README.md': String(step++) });
    scene.remote.beforeRequest = meddle;
  };
  scene.remote.beforeRequest = meddle;
  expect(await cancel()).toEqual({ ok: false, cause: { kind: 'transient', message: 'the branch kept moving' } });
});
