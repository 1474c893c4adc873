import { expect, test } from 'vitest';
import type { GitPort, PushOutcome } from '../port.ts';
import { type PortRig, pushHistory, writeRecordCommit } from './port-rig.ts';

const A = 'refs/errand/tasks/a';
const B = 'refs/errand/tasks/b';

/** What every port does with a push. */
export function describePush(makeRig: () => Promise<PortRig>): void {
  test('creates a ref that must not exist, and says accepted', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const oid = await writeRecordCommit(port, 'one');
    const outcome = await port.push([{ ref: A, to: oid, expect: null }]);
    expect(outcome).toMatchObject({ ok: true });
    expect(states(outcome)).toEqual({ [A]: 'accepted' });
    expect(await rig.remoteRef(A)).toBe(oid);
  });

  test('rejects the creation of a ref that is there, and leaves it', async () => {
    await using rig = await makeRig();
    const [first, second] = [rig.open(), rig.open()];
    const winner = await create(first, A, 'winner');
    const outcome = await second.push([{ ref: A, to: await writeRecordCommit(second, 'loser'), expect: null }]);
    expect(outcome.ok).toBe(false);
    expect(states(outcome)).toEqual({ [A]: 'rejected' });
    expect(outcome.cause).toBeUndefined();
    expect(await rig.remoteRef(A)).toBe(winner);
  });

  test('says why a commit that is not here cannot be pushed, and leaves the ref', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    await port.fetch();
    const outcome = await port.push([{ ref: A, to: '1'.repeat((await create(port, B, 'there')).length), expect: null }]);
    expect(outcome).toMatchObject({ ok: false, cause: { message: expect.stringMatching(/./) } });
    expect(states(outcome)).toEqual({ [A]: 'unknown' });
    expect(await rig.remoteRef(A)).toBeNull();
  });

  test('moves a ref only from the oid that it must have', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const two = await writeRecordCommit(port, 'two');
    const three = await writeRecordCommit(port, 'three');
    expect(states(await port.push([{ ref: A, to: two, expect: one }]))).toEqual({ [A]: 'accepted' });
    expect(states(await port.push([{ ref: A, to: three, expect: one }]))).toEqual({ [A]: 'rejected' });
    expect(await rig.remoteRef(A)).toBe(two);
  });

  test('rejects a move of a ref that is gone', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const [one, two] = [await writeRecordCommit(port, 'one'), await writeRecordCommit(port, 'two')];
    expect(states(await port.push([{ ref: A, to: two, expect: one }]))).toEqual({ [A]: 'rejected' });
    expect(await rig.remoteRef(A)).toBeNull();
  });

  test('deletes a ref only at the oid that it must have', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const other = await writeRecordCommit(port, 'other');
    expect(states(await port.push([{ ref: A, to: null, expect: other }]))).toEqual({ [A]: 'rejected' });
    expect(await rig.remoteRef(A)).toBe(one);
    expect(states(await port.push([{ ref: A, to: null, expect: one }]))).toEqual({ [A]: 'accepted' });
    expect(await rig.remoteRef(A)).toBeNull();
    expect(states(await port.push([{ ref: A, to: null, expect: one }]))).toEqual({ [A]: 'rejected' });
  });

  test('never calls it a win when the ref has the very oid already', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    expect(states(await port.push([{ ref: A, to: one, expect: null }]))).toEqual({ [A]: 'rejected' });
    expect(states(await port.push([{ ref: A, to: one, expect: one }]))).toEqual({ [A]: 'rejected' });
    expect(states(await port.push([{ ref: B, to: null, expect: null }]))).toEqual({ [B]: 'rejected' });
  });

  test('lets each ref win or lose alone', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const two = await writeRecordCommit(port, 'two');
    const outcome = await port.push([
      { ref: A, to: two, expect: null },
      { ref: B, to: two, expect: null },
    ]);
    expect(outcome.ok).toBe(false);
    expect(states(outcome)).toEqual({ [A]: 'rejected', [B]: 'accepted' });
    expect([await rig.remoteRef(A), await rig.remoteRef(B)]).toEqual([one, two]);
  });

  test('applies all refs of an atomic push or none', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const two = await writeRecordCommit(port, 'two');
    const losing = [
      { ref: A, to: two, expect: null },
      { ref: B, to: two, expect: null },
    ];
    expect(states(await port.push(losing, { atomic: true }))).toEqual({ [A]: 'rejected', [B]: 'rejected' });
    expect([await rig.remoteRef(A), await rig.remoteRef(B)]).toEqual([one, null]);
    const winning = [
      { ref: A, to: null, expect: one },
      { ref: B, to: two, expect: null },
    ];
    expect(states(await port.push(winning, { atomic: true }))).toEqual({ [A]: 'accepted', [B]: 'accepted' });
    expect([await rig.remoteRef(A), await rig.remoteRef(B)]).toEqual([null, two]);
  });

  test('sends no atomic push of which one part changes nothing', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const updates = [
      { ref: A, to: one, expect: one },
      { ref: B, to: one, expect: null },
    ];
    expect(states(await port.push(updates, { atomic: true }))).toEqual({ [A]: 'rejected', [B]: 'rejected' });
    expect(await rig.remoteRef(B)).toBeNull();
  });

  test('forces a ref over a history that it does not continue', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const one = await create(port, A, 'one');
    const unrelated = await writeRecordCommit(port, 'unrelated');
    expect(states(await port.push([{ ref: A, to: unrelated, expect: one }]))).toEqual({ [A]: 'accepted' });
  });

  test('gives one winner to two who push the branch at once', async () => {
    await using rig = await makeRig();
    const [first, second] = [rig.open(), rig.open()];
    const tip = (await pushHistory(first, ['base'])).at(-1) as string;
    await second.fetch();
    const race = await Promise.all(
      [first, second].map(async (port, index) => {
        const to = await writeRecordCommit(port, `racer ${index}`, [tip]);
        const outcome = await port.push([{ ref: 'refs/heads/main', to, expect: tip }]);
        return { to, state: outcome.refs.get('refs/heads/main')?.state };
      }),
    );
    expect(race.map(({ state }) => state).sort()).toEqual(['accepted', 'rejected']);
    expect(await rig.remoteRef('refs/heads/main')).toBe(race.find(({ state }) => state === 'accepted')?.to);
  });

  test('calls the refusal of the server declined, with its reason', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    await rig.refuseRef(A);
    const oid = await writeRecordCommit(port, 'one');
    const outcome = await port.push([
      { ref: A, to: oid, expect: null },
      { ref: B, to: oid, expect: null },
    ]);
    expect(states(outcome)).toEqual({ [A]: 'declined', [B]: 'accepted' });
    expect(outcome.refs.get(A)).toMatchObject({ reason: expect.stringMatching(/declined/) });
  });

  test('names the ref that was declined when that fails an atomic push', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    await rig.refuseRef(A);
    const oid = await writeRecordCommit(port, 'one');
    const updates = [
      { ref: A, to: oid, expect: null },
      { ref: B, to: oid, expect: null },
    ];
    expect(states(await port.push(updates, { atomic: true }))).toEqual({ [A]: 'declined', [B]: 'rejected' });
    expect(await rig.remoteRef(B)).toBeNull();
  });

  test('says unknown, with a cause, when the answer is lost, though the push was applied', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const oid = await writeRecordCommit(port, 'one');
    await rig.loseNextAnswer();
    const outcome = await port.push([
      { ref: A, to: oid, expect: null },
      { ref: B, to: oid, expect: null },
    ]);
    expect(outcome.ok).toBe(false);
    expect(states(outcome)).toEqual({ [A]: 'unknown', [B]: 'unknown' });
    expect(outcome.cause?.message).not.toBe('');
    expect([await rig.remoteRef(A), await rig.remoteRef(B)]).toEqual([oid, oid]);
    // The same push again is up to date, which proves nothing: no win.
    expect(states(await port.push([{ ref: A, to: oid, expect: null }]))).toEqual({ [A]: 'rejected' });
  });

  test('says unknown, with a cause, when the remote is away', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const oid = await writeRecordCommit(port, 'one');
    await rig.goAway();
    const outcome = await port.push([{ ref: A, to: oid, expect: null }]);
    expect(states(outcome)).toEqual({ [A]: 'unknown' });
    expect(outcome.cause?.kind).toBe('unreachable');
    await rig.comeBack();
    expect(states(await port.push([{ ref: A, to: oid, expect: null }]))).toEqual({ [A]: 'accepted' });
  });

  test('takes an empty push for done', async () => {
    await using rig = await makeRig();
    expect(await rig.open().push([])).toMatchObject({ ok: true });
  });

  test('pushes a commit on a tip of which it has neither history nor blobs', async () => {
    await using rig = await makeRig();
    const [author, worker] = [rig.open(), rig.open()];
    const tip = (await pushHistory(author, ['1', '2', '3'])).at(-1) as string;
    await worker.fetch();
    const tree = (await worker.read(tip))?.content.toString('latin1', 5, 45) as string;
    const tasks = (await worker.read(tree))?.content.subarray(-20).toString('hex') as string;
    const result = await worker.writeTree([{ mode: '100644', name: 'a.md', oid: await worker.writeBlob('done') }]);
    const next = await worker.writeTree([
      { mode: '40000', name: 'tasks', oid: tasks },
      { mode: '40000', name: 'results', oid: result },
    ]);
    const to = await worker.writeCommit({ tree: next, parents: [tip], message: 'done: a\n' });
    expect(states(await worker.push([{ ref: 'refs/heads/main', to, expect: tip }]))).toEqual({ 'refs/heads/main': 'accepted' });
    expect(await author.fetch()).toEqual({ ok: true });
    expect((await author.read(to))?.type).toBe('commit');
  });
}

async function create(port: GitPort, ref: string, words: string): Promise<string> {
  const oid = await writeRecordCommit(port, words);
  const outcome = await port.push([{ ref, to: oid, expect: null }]);
  if (!outcome.ok) throw new Error(`${ref} was not created`);
  return oid;
}

function states(outcome: PushOutcome): Record<string, string> {
  return Object.fromEntries([...outcome.refs].map(([ref, { state }]) => [ref, state]));
}
