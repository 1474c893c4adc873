import { appendFile, chmod, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mortalGit, pathRemote, temporaryDirectory } from '@errand/testing';
import { describe, expect, test } from 'vitest';
import { pushHistory, writeRecordCommit, writeTasksCommit } from '../conformance/port-rig.ts';
import type { GitEvent } from './git-session.ts';
import { openPrivateClone } from './private-clone.ts';

const MAIN = 'refs/heads/main';
const RECORD = 'refs/errand/tasks/a';

/** Each breaks a clone in one way that was seen, or that a killed process or a power cut can leave. */
const DAMAGES: Record<string, (dir: string) => Promise<void>> = {
  'a truncated ref': (dir) => writeFile(join(dir, MAIN), ''),
  'a ref with half an oid': (dir) => writeFile(join(dir, MAIN), '1234567890'),
  'a ref full of NULs': (dir) => writeFile(join(dir, RECORD), Buffer.alloc(41)),
  'a ref to an object that is not there': (dir) => writeFile(join(dir, MAIN), `${'1'.repeat(40)}\n`),
  'no objects': (dir) => rm(join(dir, 'objects'), { recursive: true }),
  'no packs': (dir) => rm(join(dir, 'objects', 'pack'), { recursive: true }),
  'truncated packs': (dir) => eachPack(dir, '.pack', (path) => truncate(path, 40)),
  'empty packs': (dir) => eachPack(dir, '.pack', (path) => truncate(path, 0)),
  'truncated indexes of packs': (dir) => eachPack(dir, '.idx', (path) => truncate(path, 100)),
  'a config that is no config': (dir) => writeFile(join(dir, 'config'), '[core'),
  'garbage behind the config': (dir) => appendFile(join(dir, 'config'), '[garbage\n'),
  'an empty config': (dir) => writeFile(join(dir, 'config'), ''),
  'a HEAD full of garbage': (dir) => writeFile(join(dir, 'HEAD'), '\0\0\0'),
  'an empty HEAD': (dir) => writeFile(join(dir, 'HEAD'), ''),
  'no HEAD': (dir) => rm(join(dir, 'HEAD')),
  'no refs': (dir) => rm(join(dir, 'refs'), { recursive: true }),
  'garbage for packed refs': (dir) => writeFile(join(dir, 'packed-refs'), 'garbage\n'),
  'garbage in the list of shallow commits': (dir) => writeFile(join(dir, 'shallow'), 'garbage\n'),
  'no list of shallow commits': (dir) => rm(join(dir, 'shallow')),
  'an empty folder': async (dir) => {
    for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });
  },
  'no folder': (dir) => rm(dir, { recursive: true }),
  'a file in its place': async (dir) => {
    await rm(dir, { recursive: true });
    await writeFile(dir, 'not a folder');
  },
};

/** Left by a git process that was killed. */
const LOCKS = ['shallow.lock', 'packed-refs.lock', 'HEAD.lock', 'config.lock', `${MAIN}.lock`, `${RECORD}.lock`];

describe('a clone goes on by itself after', () => {
  test.each(Object.keys(DAMAGES))('%s', async (name) => {
    await using bench = await open();
    await (DAMAGES[name] as (dir: string) => Promise<void>)(bench.dir);
    await expectWhole(bench);
  });

  test.each([
    'a truncated ref',
    'truncated packs',
    'garbage behind the config',
    'an empty HEAD',
    'no folder',
    'a file in its place',
  ])('%s, found when it is opened', async (name) => {
    await using bench = await open();
    await (DAMAGES[name] as (dir: string) => Promise<void>)(bench.dir);
    await bench.reopen();
    await expectWhole(bench);
  });

  test.each(LOCKS)('a lock file that a killed process left: %s', async (name) => {
    await using bench = await open();
    await writeFile(join(bench.dir, name), '');
    await bench.move();
    await expectWhole(bench);
  });
});

test('a lock file so old that nobody holds it is removed, without making the clone anew', async () => {
  await using bench = await open();
  const lock = join(bench.dir, `${MAIN}.lock`);
  await writeFile(lock, '');
  await utimes(lock, new Date(Date.now() - 3_600_000), new Date(Date.now() - 3_600_000));
  await bench.move();
  await expectWhole(bench);
  expect(bench.remakes()).toEqual([]);
});

test.each(['for-each-ref', 'cat-file', 'fetch'])('that somebody kills git %s says nothing of the clone', async (command) => {
  await using bench = await open();
  const clone = bench.openMortal({ command, times: 1, end: 'kill -9 $$' });
  const first = await clone.fetch();
  expect(first).toEqual(
    command === 'cat-file'
      ? { ok: true }
      : { ok: false, cause: { kind: 'transient', message: expect.stringContaining('killed') } },
  );
  expect(await clone.fetch()).toEqual({ ok: true });
  expect(bench.remakes()).toEqual([]);
  await clone.close();
});

test.each(['merge-base', 'rev-list'])('that somebody kills git %s says nothing of what is in a history', async (command) => {
  await using bench = await open();
  expect(await bench.clone.deepen()).toEqual({ ok: true });
  const tip = (await bench.remote.repository.resolve(MAIN)) as string;
  const first = (await bench.remote.repository.git('rev-parse', `${MAIN}^`)).trim();
  const clone = bench.openMortal({ command, times: 1, end: 'kill -9 $$' });
  const stranger = await writeRecordCommit(bench.clone, 'in no history');
  const asked = command === 'merge-base' ? first : stranger;
  expect(await clone.isAncestor(asked, tip)).toBeNull();
  expect(await clone.isAncestor(asked, tip)).toBe(command === 'merge-base');
  await clone.close();
});

test('that git crashes, as it does over a file that is cut off, is taken for damage', async () => {
  await using bench = await open();
  const clone = bench.openMortal({ command: 'for-each-ref', times: 1, end: 'kill -BUS $$' });
  expect(await clone.fetch()).toEqual({ ok: true });
  expect(bench.remakes()).toHaveLength(1);
  await clone.close();
});

test('a damaged clone whose remote is away fails to fetch, and is made anew when the remote is back', async () => {
  await using bench = await open();
  await writeFile(join(bench.dir, RECORD), '');
  await bench.remote.goAway();
  expect(await bench.clone.fetch()).toMatchObject({ ok: false, cause: { kind: 'unreachable' } });
  // What is whole stays readable.
  expect((await bench.clone.refs()).map(({ name }) => name)).toContain(MAIN);
  await bench.remote.comeBack();
  await expectWhole(bench);
});

test('an object of its own that cannot be read, over which every push stumbles, is gone after the next fetch', async () => {
  await using bench = await open();
  const write = () => writeTasksCommit(bench.clone, { 'c.md': 'written, then damaged' });
  const push = async () => bench.clone.push([{ ref: 'refs/errand/tasks/b', to: await write(), expect: null }]);
  await write();
  const blob = await bench.clone.writeBlob('written, then damaged');
  const loose = join(bench.dir, 'objects', blob.slice(0, 2), blob.slice(2));
  await chmod(loose, 0o644);
  await truncate(loose, 3);
  expect((await push()).refs).toEqual(new Map([['refs/errand/tasks/b', { state: 'unknown' }]]));
  expect(await bench.clone.fetch()).toEqual({ ok: true });
  expect(bench.remakes()).toHaveLength(1);
  expect(await push()).toMatchObject({ ok: true });
});

test('a damage that comes from the remote is said so, once a call, and does not cost the clone', async () => {
  await using bench = await open();
  await rm(join(bench.remote.repository.dir, 'objects'), { recursive: true });
  expect(await bench.clone.fetch()).toMatchObject({ ok: false });
  expect((await bench.clone.refs()).map(({ name }) => name)).toContain(MAIN);
});

test('no new folder stays behind, whatever happened', async () => {
  await using bench = await open();
  await writeFile(join(bench.dir, MAIN), '');
  await bench.clone.fetch();
  await bench.remote.goAway();
  await bench.clone.remake('a test');
  expect(await readdir(join(bench.dir, '..'))).toEqual(['clone.git']);
});

async function expectWhole(bench: Awaited<ReturnType<typeof open>>): Promise<void> {
  expect(await bench.clone.fetch()).toEqual({ ok: true });
  expect((await bench.clone.refs()).map(({ name, oid }) => [name, oid])).toEqual([
    [RECORD, await bench.remote.repository.resolve(RECORD)],
    [MAIN, await bench.remote.repository.resolve(MAIN)],
  ]);
  for (const { oid, size } of await bench.clone.refs()) {
    const object = await bench.clone.read(oid);
    expect(object).toMatchObject({ type: 'commit' });
    expect(object?.content.length).toBe(size);
  }
  // It can be worked with. What git did not touch before is found now at the latest, and then there is nothing left to mend.
  const tip = (await bench.remote.repository.resolve(MAIN)) as string;
  const to = await writeTasksCommit(bench.clone, { 'b.md': 'b' }, [tip]);
  expect(await bench.clone.push([{ ref: MAIN, to, expect: tip }])).toMatchObject({ ok: true });
  expect(await bench.clone.fetch()).toEqual({ ok: true });
  const before = bench.remakes().length;
  expect(before).toBeLessThanOrEqual(1);
  expect(await bench.clone.fetch()).toEqual({ ok: true });
  expect(bench.remakes()).toHaveLength(before);
}

async function eachPack(dir: string, end: string, damage: (path: string) => Promise<void>): Promise<void> {
  const folder = join(dir, 'objects', 'pack');
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(end))) {
    await chmod(join(folder, name), 0o644);
    await damage(join(folder, name));
  }
}

async function open() {
  const remote = await pathRemote();
  const temporary = temporaryDirectory();
  const events: GitEvent[] = [];
  const dir = join(temporary.path, 'state', 'clone.git');
  const openAt = (path: string, env: NodeJS.ProcessEnv = remote.env) =>
    openPrivateClone({ dir: path, remote: remote.url, branch: 'main', env, onEvent: (event) => events.push(event) });
  const author = openAt(join(temporary.path, 'author'));
  await pushHistory(author, ['1', '2']);
  await author.push([{ ref: RECORD, to: await writeRecordCommit(author, 'a record'), expect: null }]);
  await author.fetch();
  let clone = openAt(dir);
  await clone.fetch();
  return {
    remote,
    dir,
    get clone() {
      return clone;
    },
    /** The clone in the hands of another process, some of whose gits end before their time. */
    openMortal: (ends: { command: string; times: number; end: string }) =>
      openAt(dir, mortalGit(remote.env, { folder: join(temporary.path, 'lives'), ...ends })),
    remakes: () => events.filter(({ type }) => type === 'clone re-made'),
    reopen: async () => {
      await clone.close();
      clone = openAt(dir);
    },
    /** The branch and the record move on at the remote. */
    move: async () => {
      const tip = (await remote.repository.resolve(MAIN)) as string;
      const record = (await remote.repository.resolve(RECORD)) as string;
      await author.push([
        { ref: MAIN, to: await writeTasksCommit(author, { 'a.md': 'moved' }, [tip]), expect: tip },
        { ref: RECORD, to: await writeRecordCommit(author, 'moved', [record]), expect: record },
      ]);
    },
    [Symbol.asyncDispose]: async () => {
      await author.close();
      await clone.close();
      await remote[Symbol.asyncDispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
}
