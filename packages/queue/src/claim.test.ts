import { expect, test } from 'vitest';
import { buildClaim } from './claim.ts';
import { keyHash, keyRef, taskRef } from './names.ts';
import { toWaiting } from './release.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { BY_PI, claimTask, nonce, plannedClaim, sampleEntry } from './rig/samples.ts';
import { need, pushAll } from './rig/scene.ts';

async function sceneWithTask(open: OpenScene) {
  const scene = await open();
  await scene.commit({ 'tasks/a.md': '---\nkey: deploy\n---\nA\n', 'tasks/b.md': '---\nkey: deploy\n---\nB\n' });
  return { scene, port: scene.clone() };
}

const fresh = (number: number) => ({ nonce: nonce(number), claimedAt: '2026-11-20T09:12:30.000Z', tier: 'haiku' as const });

overMemoryAndGit((open) => {
  test('a first claim needs the record to be absent and names the blob, the boot and the attempt', async () => {
    const { scene, port } = await sceneWithTask(open);
    const view = await scene.view(port);
    const claim = await buildClaim(port, plannedClaim(view, 'a'), BY_PI, fresh(1));
    expect(claim.updates).toEqual([{ ref: taskRef('a'), to: claim.oid, expect: null }]);
    await pushAll(port, claim.updates);
    expect(need((await scene.view()).records, 'a')).toEqual({ oid: claim.oid, value: claim.record });
    expect(claim.record).toMatchObject({ state: 'claimed', attempt: 1, ...{ worker: 'pi', boot: 'boot-pi' }, tier: 'haiku' });
    expect(claim.record.task).toBe(need(view.tasks, 'a').blob);
    expect(await scene.message(taskRef('a'))).toMatch(/^claimed: a by pi, attempt 1\n\n/);
  });

  test('two workers that claim in the same second write two records, and one of them wins', async () => {
    const { scene, port } = await sceneWithTask(open);
    const view = await scene.view(port);
    const [mine, theirs] = [
      await buildClaim(port, plannedClaim(view, 'a'), BY_PI, fresh(1)),
      await buildClaim(port, plannedClaim(view, 'a'), BY_PI, fresh(2)),
    ];
    expect(mine.oid).not.toBe(theirs.oid);
    await pushAll(port, mine.updates);
    const late = await port.push(theirs.updates);
    expect(late.refs.get(taskRef('a'))?.state).toBe('rejected');
  });

  test('a claim over a waiting record leases it, follows it in history, and keeps attempts and next', async () => {
    const { scene, port } = await sceneWithTask(open);
    const first = await claimTask(port, await scene.view(port), 'a');
    const attempts = [sampleEntry(first.value.task)];
    const next = { retry_at: '2026-11-20T09:12:20.000Z', wait_s: 10, tier: 'sonnet' as const };
    await pushAll(
      port,
      await toWaiting(port, await scene.view(), first, { nonce: nonce(7), attempts, reason: 'failed on pi', next }),
    );
    const view = await scene.view(port);
    const waiting = need(view.records, 'a');
    const claim = await buildClaim(port, plannedClaim(view, 'a'), BY_PI, fresh(8));
    expect(claim.updates).toEqual([{ ref: taskRef('a'), to: claim.oid, expect: waiting.oid }]);
    expect(claim.record).toMatchObject({ attempt: 2, attempts, next });
    await pushAll(port, claim.updates);
    expect(await scene.parents(claim.oid)).toEqual([waiting.oid]);
  });

  test('a claim with a key takes both or neither, and a second task with the key loses whole', async () => {
    const { scene, port } = await sceneWithTask(open);
    const view = await scene.view(port);
    const a = await buildClaim(port, plannedClaim(view, 'a', 'deploy'), BY_PI, fresh(1));
    const b = await buildClaim(port, plannedClaim(view, 'b', 'deploy'), BY_PI, fresh(2));
    expect(a.record.key?.name).toBe('deploy');
    await pushAll(port, a.updates);
    expect((await port.push(b.updates, { atomic: true })).ok).toBe(false);
    const after = await scene.view();
    expect([...after.records.keys()]).toEqual(['a']);
    expect(need(after.keys, keyHash('deploy'))).toEqual({
      oid: a.record.key?.oid,
      value: { schema: 1, key: 'deploy', nonce: nonce(1), id: 'a', worker: 'pi' },
    });
    expect(await scene.coordinationRefs()).toEqual([keyRef(keyHash('deploy')), taskRef('a')]);
  });
});
