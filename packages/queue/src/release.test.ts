import { expect, test } from 'vitest';
import { taskRef } from './names.ts';
import { giveBack, toWaiting } from './release.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { claimTask, nonce, sampleEntry } from './rig/samples.ts';
import { need, pushAll } from './rig/scene.ts';

async function sceneWithClaim(open: OpenScene, key?: string) {
  const scene = await open();
  await scene.commit({ 'tasks/a.md': 'A' });
  const port = scene.clone();
  const claim = await claimTask(port, await scene.view(port), 'a', key === undefined ? {} : { key });
  return { scene, port, claim };
}

overMemoryAndGit((open) => {
  test('a first claim that is given back leaves nothing behind, its key included', async () => {
    const { scene, port, claim } = await sceneWithClaim(open, 'deploy');
    expect(await scene.coordinationRefs()).toHaveLength(2);
    await pushAll(port, await giveBack(port, await scene.view(), claim, nonce(9), 'edited'));
    expect(await scene.coordinationRefs()).toEqual([]);
  });

  test('a later claim that is given back leaves the record as it was: same attempts, same next, no try counted', async () => {
    const { scene, port, claim } = await sceneWithClaim(open);
    const attempts = [sampleEntry(claim.value.task)];
    const next = { retry_at: '2026-11-20T09:12:20.000Z', wait_s: 10, not_on: ['pi'] };
    await pushAll(
      port,
      await toWaiting(port, await scene.view(), claim, {
        nonce: nonce(7),
        attempts,
        reason: 'failed on pi: exit status 3',
        next,
      }),
    );
    const second = await claimTask(port, await scene.view(port), 'a', { key: 'deploy', nonce: nonce(8) });
    await pushAll(port, await giveBack(port, await scene.view(), second, nonce(9), 'the worker is stopping'));
    const after = await scene.view();
    const { nonce: now, ...record } = need(after.records, 'a').value;
    expect(now).toBe(nonce(9));
    expect(record).toEqual({
      schema: 1,
      id: 'a',
      state: 'waiting',
      task: claim.value.task,
      reason: 'the worker is stopping',
      attempts,
      next,
    });
    expect(after.keys.size).toBe(0);
  });

  test('a failed attempt waits with its history and the key is free for the next task', async () => {
    const { scene, port, claim } = await sceneWithClaim(open, 'deploy');
    const attempts = [sampleEntry(claim.value.task, { outcome: 'stopped' })];
    await pushAll(port, await toWaiting(port, await scene.view(), claim, { nonce: nonce(7), attempts, reason: 'stopped on pi' }));
    const after = await scene.view();
    expect(need(after.records, 'a').value).toMatchObject({ state: 'waiting', attempts, reason: 'stopped on pi' });
    expect(after.keys.size).toBe(0);
    expect(await scene.message(taskRef('a'))).toMatch(/^waiting: a, stopped on pi\n\n/);
  });

  test('a claim that somebody took over meanwhile cannot be given back', async () => {
    const { scene, port, claim } = await sceneWithClaim(open);
    await pushAll(
      port,
      await toWaiting(port, await scene.view(), claim, {
        nonce: nonce(7),
        attempts: [sampleEntry(claim.value.task)],
        reason: 'lost',
      }),
    );
    const late = await port.push(await giveBack(port, await scene.view(), claim, nonce(9), 'late'), { atomic: true });
    expect(late.ok).toBe(false);
    expect(need((await scene.view()).records, 'a').value.nonce).toBe(nonce(7));
  });
});
