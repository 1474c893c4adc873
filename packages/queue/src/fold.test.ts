import { parseResult, renderResult } from '@errand/task';
import { expect, test } from 'vitest';
import { buildFold, type FoldItem, foldMessage } from './fold.ts';
import { branchRef, taskRef } from './names.ts';
import { readCommit, readTree } from './objects.ts';
import { parkResult, readParked } from './park.ts';
import { type OpenScene, overMemoryAndGit } from './rig/over-memory-and-git.ts';
import { claimTask, nonce, sampleResult } from './rig/samples.ts';
import { need, pushAll } from './rig/scene.ts';

async function sceneWithClaims(open: OpenScene, ...ids: string[]) {
  const scene = await open();
  await scene.commit(Object.fromEntries(ids.map((id) => [`tasks/${id}.md`, `Do ${id}.\n`])));
  const port = scene.clone();
  const items: Extract<FoldItem, { result: unknown }>[] = [];
  for (const [index, id] of ids.entries()) {
    const record = await claimTask(port, await scene.view(port), id, { nonce: nonce(index), key: `key-${id}` });
    items.push({ record, result: sampleResult(record.value) });
  }
  return { scene, port, items };
}

const newNonce = (): string => nonce(500);

test('the message of one result is its own subject', () => {
  expect(foldMessage(['done: a on pi'])).toBe('done: a on pi\n');
});

overMemoryAndGit((open) => {
  test('one atomic push adds the result and takes the record and its key away', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const fold = await buildFold(port, await scene.view(port), 'main', items, newNonce);
    expect(fold.items).toEqual([{ id: 'a', nonce: nonce(0), becomes: 'done', path: 'results/2026-11-20/a.md' }]);
    await pushAll(port, fold.updates);
    expect(await scene.coordinationRefs()).toEqual([]);
    const text = (await scene.files()).get('results/2026-11-20/a.md') ?? '';
    expect(parseResult('results/2026-11-20/a.md', text)).toEqual({ ok: true, value: items[0]?.result });
    expect((await scene.files()).get('tasks/a.md')).toBe('Do a.\n');
    expect(await scene.message(branchRef('main'))).toBe('done: a on pi\n');
  });

  test('a tip that has a result for the task gets no second one, however late the worker is', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    await scene.commit({ 'results/2026-11-19/a.md': 'the first' });
    const fold = await buildFold(port, await scene.view(port), 'main', items, newNonce);
    expect(fold.items).toEqual([{ id: 'a', nonce: nonce(0), becomes: 'superseded', path: null }]);
    expect(fold.updates.map(({ ref }) => ref)).not.toContain(branchRef('main'));
    await pushAll(port, fold.updates);
    expect([...(await scene.files()).keys()].filter((path) => path.startsWith('results/'))).toEqual(['results/2026-11-19/a.md']);
    expect(await scene.coordinationRefs()).toEqual([]);
  });

  test('a fold that was built on an older tip is refused whole: the branch’s lease makes the content check definite', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const fold = await buildFold(port, await scene.view(port), 'main', items, newNonce);
    await scene.commit({ 'results/2026-11-20/a.md': 'somebody was faster' });
    const late = await port.push(fold.updates, { atomic: true });
    expect(late.ok).toBe(false);
    expect(late.refs.get(branchRef('main'))?.state).toBe('rejected');
    expect((await scene.files()).get('results/2026-11-20/a.md')).toBe('somebody was faster');
    expect((await scene.refs()).has(taskRef('a'))).toBe(true);
  });

  test('after a retry the lease on the record keeps the late worker out although the tip is open again', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const old = await scene.view(port);
    await pushAll(port, [{ ref: taskRef('a'), to: null, expect: items[0]?.record.oid ?? '' }]);
    const fold = await buildFold(port, old, 'main', items, newNonce);
    expect((await port.push(fold.updates, { atomic: true })).ok).toBe(false);
    expect((await scene.files()).has('results/2026-11-20/a.md')).toBe(false);
  });

  test('the result of a task whose file was removed says cancelled', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a', 'b');
    await scene.commit({ 'tasks/a.md': null });
    const fold = await buildFold(port, await scene.view(port), 'main', items, newNonce);
    expect(fold.items.map(({ becomes }) => becomes)).toEqual(['cancelled', 'done']);
    await pushAll(port, fold.updates);
    expect((await scene.files()).get('results/2026-11-20/a.md')).toContain('state: cancelled');
    expect((await scene.files()).get('results/2026-11-20/a.md')).toContain('the answer of a');
  });

  test('a cancelled result of a task whose file is there again is not recorded: the task waits, with what was tried', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a', 'b');
    const cancelled = items.map(({ record, result }) => ({ record, result: { ...result, state: 'cancelled' as const } }));
    const [a, b] = cancelled as [(typeof cancelled)[0], (typeof cancelled)[0]];
    if (b.record.value.state !== 'claimed') throw new Error('not a claim');
    const parked = await parkResult(port, { oid: b.record.oid, value: b.record.value }, b.result);
    await pushAll(port, parked.updates);
    const folded = { record: { oid: parked.oid, value: parked.record }, result: b.result };
    const fold = await buildFold(port, await scene.view(port), 'main', [a, folded], newNonce);
    expect(fold.items.map(({ id, becomes }) => [id, becomes])).toEqual([
      ['a', 'reopened'],
      ['b', 'reopened'],
    ]);
    const before = await scene.tip();
    await pushAll(port, fold.updates);
    expect(await scene.tip()).toBe(before);
    const { records, keys } = await scene.view(port);
    expect(keys.size).toBe(0);
    expect([...records.values()].map(({ value }) => [value.id, value.state, value.attempts])).toEqual([
      ['a', 'waiting', a.result.attempts],
      ['b', 'waiting', b.result.attempts],
    ]);
  });

  test('several results go in one commit, with how many of each state and a line for each', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a', 'b', 'c');
    const [a, b, c] = items as [(typeof items)[0], (typeof items)[0], (typeof items)[0]];
    const before = await scene.tip();
    const failed = { ...b, result: { ...b.result, state: 'failed' as const } };
    const fold = await buildFold(port, await scene.view(port), 'main', [a, failed, c], newNonce);
    await pushAll(port, fold.updates);
    expect(await scene.parents((await scene.tip()) ?? '')).toEqual([before]);
    expect(await scene.message(branchRef('main'))).toBe(
      'results: 2 done, 1 failed\n\n- done: a on pi\n- failed: b on pi\n- done: c on pi\n',
    );
    expect(await scene.coordinationRefs()).toEqual([]);
  });

  test('a result that is folded by a repository with names that are not UTF-8 changes none of them', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const latin1 = Buffer.from([0xfc, 0x2e, 0x63]).toString('latin1');
    const tip = (await scene.tip()) ?? '';
    const entries = await readTree(port, (await readCommit(port, tip)).tree);
    const oid = await port.writeBlob('C');
    const tree = await port.writeTree([...entries, { mode: '100644', name: latin1, oid }]);
    const named = await port.writeCommit({ tree, parents: [tip], message: 'x\n' });
    await pushAll(port, [{ ref: branchRef('main'), to: named, expect: tip }]);
    await pushAll(port, (await buildFold(port, await scene.view(port), 'main', items, newNonce)).updates);
    const other = scene.clone();
    await other.fetch();
    const after = await readTree(other, (await readCommit(other, (await scene.tip()) ?? '')).tree);
    expect(after).toContainEqual({ mode: '100644', name: latin1, oid });
    expect(after.map(({ name }) => name).sort()).toEqual(['results', 'tasks', latin1].sort());
  });

  test('a parked result waits in its own record, with nonce and key, and is read back whole', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const { record, result } = items[0] as (typeof items)[0];
    if (record.value.state !== 'claimed') throw new Error('not a claim');
    const parked = await parkResult(port, { oid: record.oid, value: record.value }, result);
    await pushAll(port, parked.updates);
    const there = need((await scene.view()).records, 'a');
    expect(there).toEqual({ oid: parked.oid, value: parked.record });
    expect(parked.record).toMatchObject({
      nonce: nonce(0),
      key: record.value.key,
      result_state: 'done',
      subject: 'done: a on pi',
      attempts: [],
    });
    const elsewhere = scene.clone();
    await elsewhere.fetch();
    const read = await readParked(elsewhere, { oid: parked.oid, value: parked.record });
    expect(read).toEqual({ text: renderResult(result), result });
  });

  test('whoever folds a parked result frees its key and writes the same file', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const { record, result } = items[0] as (typeof items)[0];
    if (record.value.state !== 'claimed') throw new Error('not a claim');
    const parked = await parkResult(port, { oid: record.oid, value: record.value }, result);
    await pushAll(port, parked.updates);
    const other = scene.clone();
    const view = await scene.view(other);
    const read = await readParked(other, { oid: parked.oid, value: parked.record });
    const held = { oid: parked.oid, value: parked.record };
    const item = read?.result ? { record: held, result: read.result } : { record: held, text: '' };
    const fold = await buildFold(other, view, 'main', [item], newNonce);
    await pushAll(other, fold.updates);
    expect((await scene.files()).get('results/2026-11-20/a.md')).toBe(renderResult(result));
    expect(await scene.coordinationRefs()).toEqual([]);
  });

  test('a parked text that this version cannot parse is folded as it is, by what its record says', async () => {
    const { scene, port, items } = await sceneWithClaims(open, 'a');
    const { record } = items[0] as (typeof items)[0];
    if (record.value.state !== 'claimed') throw new Error('not a claim');
    const parked = await parkResult(
      port,
      { oid: record.oid, value: record.value },
      { ...sampleResult(record.value), state: 'failed' },
    );
    const text = '---\nschema: 9\nfuture: true\n---\nunknown\n';
    const tree = await port.writeTree([{ mode: '100644', name: 'result.md', oid: await port.writeBlob(text) }]);
    const message = (await port.read(parked.oid))?.content.toString().split('\n\n').slice(1).join('\n\n') ?? '';
    const oid = await port.writeCommit({ tree, parents: [record.oid], message });
    await pushAll(port, [{ ref: taskRef('a'), to: oid, expect: record.oid }]);
    const view = await scene.view(port);
    const held = { oid, value: parked.record };
    expect(await readParked(port, held)).toEqual({ text, result: null });
    const fold = await buildFold(port, view, 'main', [{ record: held, text }], newNonce);
    expect(fold.items[0]).toMatchObject({ becomes: 'failed', path: 'results/2026-11-20/a.md' });
    await pushAll(port, fold.updates);
    expect((await scene.files()).get('results/2026-11-20/a.md')).toBe(text);
    expect(await scene.message(branchRef('main'))).toBe('failed: a on pi\n');
  });

  test('a parked record without its file has nothing to fold', async () => {
    const { port, items } = await sceneWithClaims(open, 'a');
    const { record } = items[0] as (typeof items)[0];
    if (record.value.state !== 'claimed') throw new Error('not a claim');
    const { record: value } = await parkResult(port, { oid: record.oid, value: record.value }, sampleResult(record.value));
    const oid = await port.writeCommit({ tree: await port.writeTree([]), parents: [], message: 'parked\n' });
    expect(await readParked(port, { oid, value })).toBeNull();
  });
});
