import { chownSync, existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, pathRemote, type TestRemote } from '@errand/testing';
import { expect, onTestFinished, test } from 'vitest';
import { acquireLock } from '../git/lock.ts';
import { maintainRepository } from './maintain-repository.ts';
import { findServerRepository, type ServerRepository } from './server-repository.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function server(): Promise<{ remote: TestRemote; repository: ServerRepository }> {
  const remote = await pathRemote();
  onTestFinished(() => remote[Symbol.asyncDispose]());
  const files = ['tasks/a.md', 'results/2026-11-20/b.md'].map((path) => `M 100644 inline ${path}\ndata 1\nx\n`).join('');
  await remote.repository.gitWith(
    `commit refs/heads/main\ncommitter a <a@localhost> 1700000000 +0000\ndata 1\nx\n${files}`,
    ...['fast-import', '--quiet'],
  );
  return { remote, repository: await find(remote) };
}

async function find(remote: TestRemote): Promise<ServerRepository> {
  const found = await findServerRepository(remote.repository.dir, { env: remote.env });
  if (!found.ok) throw new Error(found.message);
  return found.repository;
}

/** A commit as a heartbeat is, at a ref or at none; gives its oid. */
async function writeLoose({ repository }: TestRemote, words: string, ref?: string): Promise<string> {
  const empty = (await repository.gitWith('', 'hash-object', '-t', 'tree', '-w', '--stdin')).trim();
  const oid = (await repository.git('commit-tree', '-m', words, empty)).trim();
  if (ref !== undefined) await repository.git('update-ref', ref, oid);
  return oid;
}

async function age({ repository }: TestRemote, oid: string, ms: number): Promise<void> {
  const at = (Date.now() - ms) / 1000;
  await utimes(join(repository.dir, 'objects', oid.slice(0, 2), oid.slice(2)), at, at);
}

test('objects and refs are packed, what nothing leads to stays for two weeks and then goes', async () => {
  const { remote, repository } = await server();
  for (let n = 0; n < 30; n++) await writeLoose(remote, `beat ${n}`, `refs/errand/tasks/t${n}`);
  const [young, old] = [await writeLoose(remote, 'young'), await writeLoose(remote, 'old')];
  await age(remote, young, 13 * DAY_MS);
  await age(remote, old, 15 * DAY_MS);
  const { before, after, failure } = await maintainRepository(repository, { nowMs: Date.now(), dryRun: false });
  expect(failure).toBeNull();
  expect(before).toMatchObject({ looseObjects: 39, looseRefs: 31, coordination: { tasks: 30 } });
  expect(after).toMatchObject({ looseRefs: 0, coordination: { tasks: 30 }, locks: [], crowded: [] });
  expect(after.looseObjects).toBeLessThanOrEqual(1);
  expect(await remote.repository.resolve(`${young}^{commit}`)).toBe(young);
  expect(await remote.repository.resolve(`${old}^{commit}`)).toBeNull();
  expect(await readdir(join(remote.repository.dir, 'objects/info'))).toContain('commit-graph');
  await remote.repository.git('fsck', '--strict');
});

test('a dry run changes nothing', async () => {
  const { remote, repository } = await server();
  const lock = join(remote.repository.dir, 'HEAD.lock');
  await writeFile(lock, '');
  const { before, after, unlocked } = await maintainRepository(repository, { nowMs: Date.now() + 25 * HOUR_MS, dryRun: true });
  expect(after).toEqual(before);
  expect(unlocked).toMatchObject([{ path: lock }]);
  expect(await readdir(remote.repository.dir)).toContain('HEAD.lock');
});

test('a lock of an hour is told, one of more than a day is removed; one of a push that is under way, or of a person, is neither', async () => {
  const { remote, repository } = await server();
  const at = (name: string) => join(remote.repository.dir, name);
  await mkdir(at('refs/errand/tasks'), { recursive: true });
  const now = Date.now();
  for (const [name, ageMs] of [
    ['refs/heads/main.lock', HOUR_MS],
    ['refs/errand/tasks/a.lock', 2 * DAY_MS],
    ['HEAD.lock', 60_000],
    ['index.lock', 9 * DAY_MS],
  ] as const) {
    await writeFile(at(name), '');
    await utimes(at(name), (now - ageMs) / 1000, (now - ageMs) / 1000);
  }
  const { after, unlocked } = await maintainRepository(repository, { nowMs: now, dryRun: false });
  expect(unlocked.map(({ path }) => path)).toEqual([at('refs/errand/tasks/a.lock')]);
  expect(after.locks).toMatchObject([{ path: at('refs/heads/main.lock'), dead: false }]);
  expect(await readdir(remote.repository.dir)).toEqual(expect.arrayContaining(['HEAD.lock', 'index.lock']));
});

test('what somebody holds who works in a checkout stays, however old: a watcher, a person’s index, any lock of a living process', async () => {
  const { remote, repository } = await server();
  const at = (name: string) => join(remote.repository.dir, name);
  const held = [at('errand-watch.lock'), at('refs/errand/tasks/a.lock')];
  for (const path of held) {
    const taken = await acquireLock(path, { waitMs: 0, what: 'watching' });
    if ('failure' in taken) throw new Error(taken.failure.message);
    onTestFinished(() => taken.lock.release());
  }
  const others = ['index.lock', 'next-index-4711.lock', 'gc.pid.lock'].map(at);
  for (const path of others) await writeFile(path, '');
  const gone = ['packed-refs.lock', 'objects/info/commit-graph.lock', 'objects/info/commit-graphs/commit-graph-chain.lock'].map(
    at,
  );
  await mkdir(at('objects/info/commit-graphs'), { recursive: true });
  for (const path of gone) await writeFile(path, '');
  for (const path of [...held, ...others, ...gone]) await utimes(path, 1, 1);
  const { after, unlocked } = await maintainRepository(repository, { nowMs: Date.now(), dryRun: false });
  expect(unlocked.map(({ path }) => path).sort()).toEqual(gone.sort());
  expect(after.locks).toEqual([]);
  expect([...held, ...others].filter((path) => !existsSync(path))).toEqual([]);
});

test('a push that is under way while git collects garbage arrives whole', async () => {
  const { remote, repository } = await server();
  for (let n = 0; n < 20; n++) await writeLoose(remote, `beat ${n}`);
  const source = join(remote.repository.dir, '../source');
  await mustRun('git', ['clone', '--quiet', remote.repository.dir, source], { env: remote.env });
  const push = async (): Promise<void> => {
    for (let n = 0; n < 8; n++) {
      await mustRun('git', ['commit', '--quiet', '--allow-empty', '-m', `${n}`], { env: remote.env, cwd: source });
      await mustRun('git', ['push', '--quiet', 'origin', 'main'], { env: remote.env, cwd: source });
    }
  };
  const [, first, second] = await Promise.all([
    push(),
    maintainRepository(repository, { nowMs: Date.now(), dryRun: false }),
    maintainRepository(repository, { nowMs: Date.now(), dryRun: false }),
  ]);
  // One of two at once is told that the other is at it.
  expect([first.failure, second.failure]).toContain(null);
  await remote.repository.git('fsck', '--strict');
  expect((await remote.repository.git('rev-list', '--count', 'main')).trim()).toBe('9');
});

test('days and tasks with more files than hosts like are told', async () => {
  const { remote, repository } = await server();
  const lines = Array.from({ length: 3001 }, (_, n) => `M 100644 inline tasks/t${n}.md\ndata 1\nx\n`).join('');
  const start = 'commit refs/heads/main\ncommitter a <a@localhost> 1700000001 +0000\ndata 1\nx\nfrom refs/heads/main^0\n';
  await remote.repository.gitWith(start + lines, 'fast-import', '--quiet');
  const { after } = await maintainRepository(repository, { nowMs: Date.now(), dryRun: true });
  expect(after.crowded).toEqual([{ path: 'tasks', entries: 3002 }]);
});

test('what is no repository, no queue, or not this user’s is left alone', async () => {
  const { remote } = await server();
  const { dir } = remote.repository;
  const other = join(dir, '../other.git');
  await mustRun('git', ['init', '--quiet', '--bare', other], { env: remote.env });
  const { env } = remote;
  expect(await findServerRepository(join(dir, 'refs'), { env })).toMatchObject({ ok: false, code: 'not-a-repository' });
  expect(await findServerRepository(other, { env })).toMatchObject({ ok: false, code: 'not-a-queue' });
  expect(await findServerRepository(dir, { env, branch: 'code' })).toMatchObject({ ok: false, code: 'not-a-queue' });
  await writeLoose(remote, 'beat', 'refs/errand/workers/pi');
  expect(await findServerRepository(dir, { env, branch: 'code' })).toMatchObject({ ok: true });
  if (process.getuid?.() === 0) {
    chownSync(dir, 4711, 4711);
    expect(await findServerRepository(dir, { env })).toMatchObject({ ok: false, code: 'not-mine' });
  }
});
