import { expect, test } from 'vitest';
import type { GitPort } from '../port.ts';
import { type PortRig, pushHistory, writeRecordCommit, writeTasksCommit } from './port-rig.ts';

const MAIN = 'refs/heads/main';
const A = 'refs/errand/tasks/a';
const B = 'refs/errand/workers/pi';

/** What every port does with a fetch, and with what it brought. */
export function describeFetch(makeRig: () => Promise<PortRig>): void {
  test('fetches an empty remote, which has no refs', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await port.refs()).toEqual([]);
    expect(await port.fetch()).toEqual({ ok: true });
  });

  test('sees records where there is no branch yet, and the branch once it is there', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const record = await writeRecordCommit(author, 'heartbeat');
    await author.push([{ ref: B, to: record, expect: null }]);
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await names(port)).toEqual([B]);
    await pushHistory(author, ['1']);
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await names(port)).toEqual([B, MAIN]);
  });

  test('lists the branch and every errand ref, sorted, with the size of each commit', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [tip] = (await pushHistory(author, ['1'])) as [string];
    const record = await writeRecordCommit(author, 'a record');
    await author.push([
      { ref: A, to: record, expect: null },
      { ref: B, to: record, expect: null },
      { ref: 'refs/heads/main-2', to: tip, expect: null },
      { ref: 'refs/heads/main/x', to: tip, expect: null },
      { ref: 'refs/heads/maiden', to: tip, expect: null },
    ]);
    expect(await port.fetch()).toEqual({ ok: true });
    const size = (await author.read(record))?.content.length;
    expect(await port.refs()).toEqual([
      { name: A, oid: record, size },
      { name: B, oid: record, size },
      { name: MAIN, oid: tip, size: (await author.read(tip))?.content.length },
    ]);
  });

  test('keeps to the state of its last fetch', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    await pushHistory(port, ['1']);
    await port.fetch();
    const record = await writeRecordCommit(port, 'a record');
    await port.push([{ ref: A, to: record, expect: null }]);
    expect(await names(port)).toEqual([MAIN]);
    await port.fetch();
    expect(await names(port)).toEqual([A, MAIN]);
  });

  test('drops refs that are gone at the remote, the branch too', async () => {
    await using rig = await makeRig();
    // Not the branch that the remote's HEAD names: a server keeps that one.
    const branch = 'refs/heads/queue';
    const [author, port] = [rig.open(), rig.open('queue')];
    const tip = await writeTasksCommit(author, { 'a.md': 'a' });
    const record = await writeRecordCommit(author, 'a record');
    await author.push([
      { ref: branch, to: tip, expect: null },
      { ref: A, to: record, expect: null },
      { ref: B, to: record, expect: null },
    ]);
    await port.fetch();
    await author.push([{ ref: A, to: null, expect: record }]);
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await names(port)).toEqual([B, branch]);
    expect(await author.push([{ ref: branch, to: null, expect: tip }])).toMatchObject({ ok: true });
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await names(port)).toEqual([B]);
  });

  test('follows a branch that was moved back or elsewhere', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [one, , three] = (await pushHistory(author, ['1', '2', '3'])) as [string, string, string];
    await port.fetch();
    await author.push([{ ref: MAIN, to: one, expect: three }]);
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await tipOf(port)).toBe(one);
    expect((await port.read(await treeOf(port, one)))?.type).toBe('tree');
    const elsewhere = await writeTasksCommit(author, { 'b.md': 'b' });
    await author.push([{ ref: MAIN, to: elsewhere, expect: one }]);
    expect(await port.fetch()).toEqual({ ok: true });
    expect(await tipOf(port)).toBe(elsewhere);
  });

  test('brings commits and trees, and leaves blobs out until they are asked for, all in one batch', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const blobs = await Promise.all(['one\n', 'two\n'].map((text) => author.writeBlob(text)));
    const [one, two] = blobs as [string, string];
    const tip = await writeTasksCommit(author, { '1.md': 'one\n', '2.md': 'two\n' });
    await author.push([{ ref: MAIN, to: tip, expect: null }]);
    await port.fetch();
    expect((await port.read(await treeOf(port, tip)))?.type).toBe('tree');
    expect(await port.read(one)).toBeNull();
    const nobodys = '1'.repeat(40);
    expect(await port.fetchBlobs([one, nobodys, two])).toEqual({ ok: true });
    expect(await port.read(one)).toEqual({ type: 'blob', content: Buffer.from('one\n') });
    expect(await port.read(two)).toEqual({ type: 'blob', content: Buffer.from('two\n') });
    expect(await port.read(nobodys)).toBeNull();
  });

  test('reads what it wrote itself, byte for byte', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const content = Buffer.from([0, 1, 2, 10, 13, 255, 0]);
    expect(await port.read(await port.writeBlob(content))).toEqual({ type: 'blob', content });
    expect(await port.read(await port.writeBlob(''))).toEqual({ type: 'blob', content: Buffer.alloc(0) });
    expect(await port.writeTree([])).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(await port.writeBlob('hello\n')).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
  });

  test('finds nothing at something that is no oid', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    await pushHistory(port, ['1']);
    await port.fetch();
    expect(await port.read('HEAD')).toBeNull();
    expect(await port.read('refs/heads/main')).toBeNull();
    expect(await port.read('')).toBeNull();
  });

  test('keeps the last state while the remote is away, and goes on when it is back', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    await pushHistory(author, ['1']);
    await port.fetch();
    const before = await port.refs();
    await rig.goAway();
    expect(await port.fetch()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
    expect(await port.remake('a test')).toMatchObject({ ok: false });
    expect(await port.refs()).toEqual(before);
    expect((await port.read(before[0]?.oid as string))?.type).toBe('commit');
    await rig.comeBack();
    expect(await port.fetch()).toEqual({ ok: true });
  });

  test('can be made anew, and has everything then', async () => {
    await using rig = await makeRig();
    const [author, port] = [rig.open(), rig.open()];
    const [tip] = (await pushHistory(author, ['1'])) as [string];
    await port.fetch();
    expect(await port.remake('a test')).toEqual({ ok: true });
    expect(await tipOf(port)).toBe(tip);
    expect((await port.read(await treeOf(port, tip)))?.type).toBe('tree');
  });

  test('answers nothing once it is closed, and closes twice', async () => {
    await using rig = await makeRig();
    const port = rig.open();
    const [tip] = (await pushHistory(port, ['1'])) as [string];
    await port.fetch();
    await port.close();
    await port.close();
    expect(await port.fetch()).toMatchObject({ ok: false });
    expect(await port.read(tip)).toBeNull();
    expect((await port.push([{ ref: A, to: tip, expect: null }])).refs.get(A)).toEqual({ state: 'unknown' });
  });
}

async function names(port: GitPort): Promise<string[]> {
  return (await port.refs()).map(({ name }) => name);
}

async function tipOf(port: GitPort): Promise<string | undefined> {
  return (await port.refs()).find(({ name }) => name === MAIN)?.oid;
}

async function treeOf(port: GitPort, commit: string): Promise<string> {
  return (await port.read(commit))?.content.toString('latin1', 5, 45) ?? '';
}
