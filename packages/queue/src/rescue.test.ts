import type { Rescue } from '@errand/planner';
import { parseResult } from '@errand/task';
import { expect, test } from 'vitest';
import { keyHash, keyRef, taskRef, workerRef } from './names.ts';
import { readParked } from './park.ts';
import { buildRescue, type LostClaim } from './rescue.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { claimTask, nonce, pushBeat, sampleBeat, sampleEntry, sampleResult } from './rig/samples.ts';
import { need } from './rig/scene.ts';

const TOMBSTONE = { by: 'vm', at: '2026-11-20T09:20:00.000Z', nonce: nonce(50) };

async function lostMachine(open: OpenScene) {
  const scene = await open();
  await scene.commit({ 'tasks/a.md': 'A', 'tasks/b.md': 'B' });
  const port = scene.clone();
  const a = await claimTask(port, await scene.view(port), 'a', { nonce: nonce(1), key: 'deploy' });
  const b = await claimTask(port, await scene.view(port), 'b', { nonce: nonce(2) });
  const beat = sampleBeat('pi', { runs: [{ nonce: nonce(1), id: 'a', attempt: 1, phase: 'running' }] });
  const heartbeatOid = await pushBeat(port, beat);
  const claims = [a, b].map((held) => ({
    id: held.value.id,
    oid: held.oid,
    record: held.value,
    reason: 'stale' as const,
    giveUp: false,
  }));
  const rescue: Rescue = { machine: 'pi', heartbeatOid, boot: 'boot-pi', tombstone: true, claims };
  const lost: LostClaim[] = claims.map((claim, index) => ({
    claim,
    attempts: [sampleEntry(claim.record.task, { outcome: 'lost' })],
    giveUp: null,
    reason: 'lost on pi: stale',
    nonce: nonce(60 + index),
  }));
  return { scene, port, beat, rescue, lost, a, b };
}

overMemoryAndGit((open) => {
  test('a rescue frees every claim with its key and turns the heartbeat into a tombstone, in one push', async () => {
    const { scene, port, beat, rescue, lost } = await lostMachine(open);
    const updates = await buildRescue(port, await scene.view(), rescue, lost, { ...TOMBSTONE, last: beat });
    expect((await port.push(updates, { atomic: true })).ok).toBe(true);
    const view = await scene.view();
    expect(need(view.records, 'a').value).toMatchObject({ state: 'waiting', nonce: nonce(60), reason: 'lost on pi: stale' });
    expect(need(view.records, 'a').value.attempts).toMatchObject([{ outcome: 'lost' }]);
    expect(need(view.records, 'b').value).toMatchObject({ state: 'waiting', nonce: nonce(61) });
    expect((await scene.refs()).has(keyRef(keyHash('deploy')))).toBe(false);
    expect(need(view.workers, 'pi').value).toEqual({
      ...beat,
      state: 'tombstone',
      runs: [],
      at: TOMBSTONE.at,
      nonce: TOMBSTONE.nonce,
    });
    expect(await scene.message(workerRef('pi'))).toMatch(/^tombstone: pi was judged lost by vm\n/);
  });

  test('a machine that beat in the meantime keeps everything: the server checks the proof', async () => {
    const { scene, port, beat, rescue, lost } = await lostMachine(open);
    const updates = await buildRescue(port, await scene.view(), rescue, lost, { ...TOMBSTONE, last: beat });
    await pushBeat(port, { ...beat, nonce: nonce(2) }, rescue.heartbeatOid);
    const before = await scene.refs();
    expect((await port.push(updates, { atomic: true })).ok).toBe(false);
    expect(await scene.refs()).toEqual(before);
  });

  test('one claim that moved on makes the whole rescue fail, so that it is judged again', async () => {
    const { scene, port, beat, rescue, lost, b } = await lostMachine(open);
    const updates = await buildRescue(port, await scene.view(), rescue, lost, { ...TOMBSTONE, last: beat });
    await port.push([{ ref: taskRef('b'), to: null, expect: b.oid }]);
    expect((await port.push(updates, { atomic: true })).ok).toBe(false);
    expect((await scene.refs()).get(workerRef('pi'))).toBe(rescue.heartbeatOid);
    expect(need((await scene.view()).records, 'a').value.state).toBe('claimed');
  });

  test('a claim that is given up is parked with its failed result, and the key goes when that is folded', async () => {
    const { scene, port, beat, rescue, lost, a } = await lostMachine(open);
    const giveUp = { ...sampleResult(a.value), state: 'failed' as const, answer: 'lost twice' };
    const updates = await buildRescue(port, await scene.view(), rescue, [{ ...(lost[0] as LostClaim), giveUp }], {
      ...TOMBSTONE,
      last: beat,
    });
    expect((await port.push(updates, { atomic: true })).ok).toBe(true);
    const parked = need((await scene.view(port)).records, 'a');
    if (parked.value.state !== 'parked') throw new Error(`a is ${parked.value.state}`);
    expect(parked.value).toMatchObject({ result_state: 'failed', nonce: nonce(1), key: a.value.key });
    const read = await readParked(port, { oid: parked.oid, value: parked.value });
    expect(parseResult('results/a.md', read?.text ?? '')).toMatchObject({
      ok: true,
      value: { state: 'failed', answer: 'lost twice' },
    });
  });

  test('claims that their living owner forgot are freed without a tombstone', async () => {
    const { scene, port, beat, rescue, lost } = await lostMachine(open);
    const updates = await buildRescue(port, await scene.view(), { ...rescue, tombstone: false }, lost, {
      ...TOMBSTONE,
      last: beat,
    });
    expect(updates.map(({ ref }) => ref)).not.toContain(workerRef('pi'));
    expect((await port.push(updates, { atomic: true })).ok).toBe(true);
    expect((await scene.refs()).get(workerRef('pi'))).toBe(rescue.heartbeatOid);
  });

  test('the tombstone of an absent machine may only be written where there still is no heartbeat', async () => {
    const { scene, port, rescue, lost } = await lostMachine(open);
    await scene.deleteRef(workerRef('pi'));
    await port.fetch();
    const absent = { ...rescue, heartbeatOid: null };
    const early = await buildRescue(port, await scene.view(), absent, lost, { ...TOMBSTONE, last: null });
    expect((await port.push(early, { atomic: true })).ok).toBe(true);
    expect(await scene.message(workerRef('pi'))).toMatch(/^tombstone: pi was judged lost by vm\n/);
    expect(need((await scene.view()).records, 'a').value.state).toBe('waiting');
  });

  test('a rescue of an absent machine fails when it has come back', async () => {
    const { scene, port, rescue, lost } = await lostMachine(open);
    const updates = await buildRescue(port, await scene.view(), { ...rescue, heartbeatOid: null }, lost, {
      ...TOMBSTONE,
      last: null,
    });
    expect((await port.push(updates, { atomic: true })).ok).toBe(false);
    expect(need((await scene.view()).records, 'a').value.state).toBe('claimed');
  });
});
