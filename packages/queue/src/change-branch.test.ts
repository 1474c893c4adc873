import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Change, changeBranch } from './change-branch.ts';
import { branchRef } from './names.ts';
import { before, countPushes, holdNextPush } from './rig/meddle.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function sceneWithTask(open: OpenScene) {
  const scene = await open();
  await scene.commit({ 'tasks/a.md': 'A' });
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  const queue = scene.openQueue({ stateDir: folder.path, clock });
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

overMemoryAndGit((open) => {
  test('a change is one commit on the tip, under its subject', async () => {
    const { scene, cancel } = await sceneWithTask(open);
    const tip = await scene.tip();
    expect(await cancel()).toEqual({ ok: true, commit: await scene.tip() });
    expect(await scene.parents((await scene.tip()) ?? '')).toEqual([tip]);
    expect(await scene.message(branchRef('main'))).toBe('cancel: a\n');
    expect((await scene.files()).size).toBe(0);
  });

  test('it is decided again on a tip that moved, and what cannot be done any more is said', async () => {
    const { scene, queue, cancel, asked } = await sceneWithTask(open);
    let meddled = false;
    before(queue.port, 'push', async () => {
      if (!meddled) await scene.commit({ 'tasks/a.md': null });
      meddled = true;
    });
    expect(await cancel()).toEqual({ ok: false, error: 'no such task' });
    expect(asked()).toBe(2);
  });

  test('a change whose answer was lost is found in the next view and not decided again', async () => {
    const { scene, queue, cancel, asked } = await sceneWithTask(open);
    const sent = countPushes(queue.port);
    await scene.loseNextAnswer();
    expect(await cancel()).toEqual({ ok: true, commit: await scene.tip() });
    expect(asked()).toBe(1);
    expect(sent.pushes).toBe(1);
  });

  test('a change that is applied late is found under another’s commit', async () => {
    const { scene, queue, cancel } = await sceneWithTask(open);
    const held = holdNextPush(queue.port);
    before(queue.port, 'fetch', async () => {
      if (await held.deliver()) await scene.commit({ 'README.md': 'on top' });
    });
    const outcome = await cancel();
    const [below] = await scene.parents((await scene.tip()) ?? '');
    expect(outcome).toEqual({ ok: true, commit: below });
  });

  test('nothing to change makes no commit', async () => {
    const { scene, queue } = await sceneWithTask(open);
    const tip = await scene.tip();
    expect(await changeBranch(queue, async () => ({ ok: true, changes: [], subject: 'x' }))).toEqual({ ok: true, commit: null });
    expect(await scene.tip()).toBe(tip);
  });

  test('a refusal of the server is said at once, and so is a remote that is away', async () => {
    const { scene, cancel, asked } = await sceneWithTask(open);
    await scene.refuseAll();
    expect(await cancel()).toEqual({
      ok: false,
      cause: { kind: 'declined', message: expect.stringMatching(/^the server refused the commit: hook declined/) },
    });
    expect(asked()).toBe(1);
    await scene.goAway();
    expect(await cancel()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
  });

  test('a branch that never stands still is given up with the reason', async () => {
    const { scene, queue, cancel } = await sceneWithTask(open);
    let step = 0;
    before(queue.port, 'push', () => scene.commit({ 'README.md': String(step++) }));
    expect(await cancel()).toEqual({ ok: false, cause: { kind: 'transient', message: 'the branch kept moving' } });
  });
});
