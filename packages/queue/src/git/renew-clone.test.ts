import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileRemote, type TestRemote, temporaryDirectory } from '@errand/testing';
import { expect, onTestFinished, test } from 'vitest';
import { pushHistory, writeRecordCommit, writeTasksCommit } from '../conformance/port-rig.ts';
import { Ledger } from '../ledger.ts';
import { openQueue, type Queue } from '../open-queue.ts';
import { hasOutgrown, noteMade, readMade, weighClone } from './clone-weight.ts';
import { openPrivateClone, type PrivateClone } from './private-clone.ts';

const MAIN = 'refs/heads/main';
const BEAT = 'refs/errand/workers/pi';
const DAY_MS = 86_400_000;

interface Bench {
  remote: TestRemote;
  folder: string;
  nowMs: number;
  clone(name: string, roomBytes?: number): PrivateClone;
  queue(name: string): Queue;
}

async function open(): Promise<Bench> {
  const [remote, folder] = [await fileRemote(), temporaryDirectory()];
  const open: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(open.map((one) => one.close()));
    await remote[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  const bench: Bench = {
    remote,
    folder: folder.path,
    nowMs: Date.now(),
    clone: (name, roomBytes = 100_000) =>
      keep(
        openPrivateClone({
          dir: join(folder.path, name, 'clone'),
          remote: remote.url,
          branch: 'main',
          env: remote.env,
          now: () => bench.nowMs,
          roomBytes,
        }),
      ),
    queue: (name) =>
      keep(
        openQueue({
          remote: remote.url,
          branch: 'main',
          stateDir: join(folder.path, name),
          env: remote.env,
          clock: { wallMs: () => bench.nowMs, elapsedMs: () => 0 },
          roomBytes: 0,
        }),
      ),
  };
  return bench;
}

/** Another machine beats, with so many bytes each time; the clone sees every one of them. */
async function beat(other: PrivateClone, port: PrivateClone, times: number): Promise<void> {
  let last = (await port.refs()).find(({ name }) => name === BEAT)?.oid ?? null;
  for (let n = 0; n < times; n++) {
    const text = Array.from({ length: 10_000 }, () => Math.random().toString(36).slice(2, 4)).join('');
    const to = await writeRecordCommit(other, text);
    expect(await other.push([{ ref: BEAT, to, expect: last }])).toMatchObject({ ok: true });
    expect(await port.fetch()).toEqual({ ok: true });
    last = to;
  }
}

test('a clone that grew with what is long gone is as small as a new one afterwards, and goes on as if nothing had been', async () => {
  const bench = await open();
  const [other, port] = [bench.clone('other'), bench.clone('pi')];
  const [first] = (await pushHistory(other, ['one'])) as [string];
  await port.fetch();
  expect(await port.renew()).toMatchObject({ kind: 'small-enough' });
  await beat(other, port, 12);
  expect(await port.hasOutgrown()).toBe(true);
  const before = await port.refs();
  const renewal = await port.renew();
  if (renewal.kind !== 'renewed') throw new Error(JSON.stringify(renewal));
  expect(renewal.weight.bytes).toBeGreaterThan(100_000);
  expect(renewal.now.bytes).toBeLessThan(30_000);
  // Until the next fetch the old one serves.
  expect(await port.refs()).toEqual(before);
  const second = await writeTasksCommit(other, { 'a.md': 'two' }, [first]);
  await other.push([{ ref: MAIN, to: second, expect: first }]);
  expect(await port.fetch()).toEqual({ ok: true });
  expect((await weighClone(join(bench.folder, 'pi/clone'))).bytes).toBeLessThan(40_000);
  expect((await port.refs()).find(({ name }) => name === MAIN)?.oid).toBe(second);
  expect(await port.isAncestor(first, second)).toBe(true);
  const third = await writeTasksCommit(port, { 'a.md': 'three' }, [second]);
  expect(await port.push([{ ref: MAIN, to: third, expect: second }])).toMatchObject({ ok: true });
  await port.close();
  expect(await readdir(join(bench.folder, 'pi'))).toEqual(['clone']);
});

test('it is done once a day at most, and sooner again where a clock was set back by a day', async () => {
  const bench = await open();
  const [other, port] = [bench.clone('other'), bench.clone('pi', 0)];
  await pushHistory(other, ['one']);
  await port.fetch();
  expect(await port.renew()).toMatchObject({ kind: 'renewed' });
  await port.fetch();
  await beat(other, port, 6);
  bench.nowMs += DAY_MS - 1;
  expect(await port.renew()).toMatchObject({ kind: 'small-enough' });
  bench.nowMs += 1;
  expect(await port.renew()).toMatchObject({ kind: 'renewed' });
  await port.fetch();
  await beat(other, port, 6);
  bench.nowMs -= 2 * DAY_MS;
  expect(await port.hasOutgrown()).toBe(true);
});

test('a clone is outgrown by its size against that of a new one, or by its packs', async () => {
  const made = { atMs: 0, bytes: 1000 };
  const of = (bytes: number, packs = 1) => hasOutgrown({ bytes, packs, looseObjects: 0 }, made, 2 * DAY_MS, 100);
  expect([of(4000), of(4001), of(10, 100), of(10, 101)]).toEqual([false, true, false, true]);
  const folder = temporaryDirectory();
  await noteMade(folder.path, 5);
  expect(await readMade(folder.path)).toEqual({ atMs: 5, bytes: 0 });
  await writeFile(join(folder.path, 'errand-made'), '{');
  expect(await readMade(folder.path)).toBeNull();
  await folder[Symbol.asyncDispose]();
});

test('a successor of a clone that somebody re-made meanwhile is thrown away', async () => {
  const bench = await open();
  const [other, port, twin] = [bench.clone('other'), bench.clone('pi'), bench.clone('pi')];
  await pushHistory(other, ['one']);
  await port.fetch();
  expect(await port.renew({ force: true })).toMatchObject({ kind: 'renewed' });
  bench.nowMs += 1;
  expect(await twin.remake('damaged')).toEqual({ ok: true });
  const made = await readMade(join(bench.folder, 'pi/clone'));
  expect(await port.fetch()).toEqual({ ok: true });
  expect(await readMade(join(bench.folder, 'pi/clone'))).toEqual(made);
  expect(await readdir(join(bench.folder, 'pi'))).toEqual(['clone']);
});

test('a successor that somebody swept away leaves the clone as it is', async () => {
  const bench = await open();
  const port = bench.clone('pi');
  await pushHistory(bench.clone('other'), ['one']);
  await port.fetch();
  await port.renew({ force: true });
  const names = await readdir(join(bench.folder, 'pi'));
  for (const name of names.filter((one) => one !== 'clone')) await rm(join(bench.folder, 'pi', name), { recursive: true });
  expect(await port.fetch()).toEqual({ ok: true });
  expect(await port.refs()).toMatchObject([{ name: MAIN }]);
  expect(existsSync(join(bench.folder, 'pi/clone/errand-made'))).toBe(false);
});

test('a remote that is away leaves the clone as it is, and nothing beside it', async () => {
  const bench = await open();
  const port = bench.clone('pi');
  await pushHistory(bench.clone('other'), ['one']);
  await port.fetch();
  await bench.remote.goAway();
  expect(await port.renew({ force: true })).toMatchObject({ kind: 'failed' });
  expect(await readdir(join(bench.folder, 'pi'))).toEqual(['clone']);
  await bench.remote.comeBack();
  expect(await port.fetch()).toEqual({ ok: true });
});

test('two processes do not renew one clone at once, and one that was closed leaves nothing beside it', async () => {
  const bench = await open();
  await pushHistory(bench.clone('other'), ['one']);
  const [one, two] = [bench.queue('pi'), bench.queue('pi')];
  await one.readView();
  const both = await Promise.all([one.renewClone({ force: true }), two.renewClone({ force: true })]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['busy', 'renewed']);
  await Promise.all([one.close(), two.close()]);
  expect((await readdir(one.dir)).filter((name) => name.startsWith('clone.'))).toEqual([]);
});

async function finishAndRenew(bench: Bench): Promise<{ look(): Promise<string[]>; open: string; done: string }> {
  const other = bench.clone('other');
  const at = async (files: { [path: string]: string }, parents: string[]): Promise<string> => {
    const blobs = await Promise.all(
      Object.entries(files).map(async ([path, text]) => [path, await other.writeBlob(text)] as const),
    );
    const folder = async (prefix: string) =>
      other.writeTree(
        blobs.flatMap(([path, oid]) =>
          path.startsWith(prefix) ? [{ mode: '100644', name: path.slice(prefix.length), oid }] : [],
        ),
      );
    const day = await folder('results/2026-11-19/');
    const results = await other.writeTree([{ mode: '40000', name: '2026-11-19', oid: day }]);
    const entries = [
      ...(Object.keys(files).some((path) => path.startsWith('results/'))
        ? [{ mode: '40000', name: 'results', oid: results }]
        : []),
      { mode: '40000', name: 'tasks', oid: await folder('tasks/') },
    ];
    return other.writeCommit({ tree: await other.writeTree(entries), parents, message: 'x\n' });
  };
  const open = await at({ 'tasks/a.md': 'A' }, []);
  await other.push([{ ref: MAIN, to: open, expect: null }]);
  const queue = bench.queue('pi');
  const ledger = new Ledger(join(queue.dir, 'ledger'));
  await ledger.load();
  const look = async (): Promise<string[]> => {
    const read = await queue.readView();
    if (!read.ok) throw new Error(read.cause.message);
    return (await ledger.observe(queue.port, read.view)).reopened;
  };
  await look();
  const done = await at({ 'tasks/a.md': 'A', 'results/2026-11-19/a.md': 'done' }, [open]);
  await other.push([{ ref: MAIN, to: done, expect: open }]);
  expect(await look()).toEqual([]);
  expect(await queue.renewClone({ force: true })).toMatchObject({ kind: 'renewed' });
  return { look, open, done };
}

test('a branch that is moved back right after its clone was renewed is noticed', async () => {
  const bench = await open();
  const { look, open: before } = await finishAndRenew(bench);
  await bench.remote.repository.git('update-ref', MAIN, before);
  expect(await look()).toEqual(['a']);
});

test('a retry right after the clone was renewed is a retry, before and after the new one has taken its place', async () => {
  const bench = await open();
  const { look, done, open: before } = await finishAndRenew(bench);
  const { repository } = bench.remote;
  const commit = async (tree: string, parent: string) =>
    (await repository.git('commit-tree', '-m', 'retry', '-p', parent, tree)).trim();
  const retry = await commit(`${before}^{tree}`, done);
  await repository.git('update-ref', MAIN, retry);
  expect(await look()).toEqual([]);
  const again = await commit(`${done}^{tree}`, retry);
  await repository.git('update-ref', MAIN, again);
  expect(await look()).toEqual([]);
  await repository.git('update-ref', MAIN, await commit(`${before}^{tree}`, again));
  expect(await look()).toEqual([]);
});
