import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HouseRequest, type HouseRow, keepHouse } from './keep-house.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 20, 9);
const KEEP = { workspacesMs: 7 * DAY_MS, logsMs: 30 * DAY_MS, reposMs: 30 * DAY_MS, resultsMs: 180 * DAY_MS, sizeBytes: 2 ** 30 };

let folder: TemporaryDirectory;

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (path: string): string => join(folder.path, path);

async function lay(path: string, ageMs: number, text = 'x'): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  if (path.endsWith('/')) await mkdir(at(path), { recursive: true });
  else await writeFile(at(path), text);
  await utimes(at(path), (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
}

async function keep(request: Partial<HouseRequest> = {}) {
  const report = await keepHouse({
    stateDir: folder.path,
    keep: KEEP,
    env: { ...process.env, XDG_RUNTIME_DIR: folder.path },
    nowMs: NOW,
    atWork: { nonces: new Set() },
    ...request,
  });
  return report;
}

async function goneAfter(request: Partial<HouseRequest> = {}): Promise<{ [kind: string]: number }> {
  const report = await keep(request);
  if (report.kind !== 'done') throw new Error(report.kind);
  return Object.fromEntries(report.rows.filter(({ gone }) => gone > 0).map(({ kind, gone }: HouseRow) => [kind, gone]));
}

const journal = (nonce: string, id: string) => lay(`queues/q/journal/${nonce}.json`, 0, JSON.stringify({ id, nonce }));

test('everything that a worker leaves has an age at which it goes, and what is younger stays', async () => {
  const old = [
    'work/a/1/',
    'run/n1/',
    'logs/a/n1.jsonl',
    'agents/claude/projects/-work-a/s.jsonl',
    'agents/claude/todos/s.json',
    'queues/q/kept/a.n1.md',
    'queues/q/outbox/a.json.damaged',
    'queues/q/clone.new-00aa/',
    'queues/q/clone.old-00bb/',
    'queues/q/worker.json.4711.0123abcd.tmp',
    'queues/q/clone.lock.0123456789abcdef',
    'queues/gone/clone/',
    'sessions/s.json',
    'repos/site-0123.git/',
  ];
  for (const path of old) await lay(path, 400 * DAY_MS);
  await lay('queues/gone/looked', 400 * DAY_MS);
  const young = [
    'work/b/1/',
    'run/n2/',
    'logs/b/n2.jsonl',
    'agents/claude/projects/-work-b/s.jsonl',
    'queues/q/kept/b.n2.md',
    'queues/q/clone.new-00cc/',
    'queues/q/clone/',
    'queues/q/looked',
    'sessions/t.json',
    'repos/other-0123.git/',
  ];
  for (const path of young) await lay(path, HOUR_MS / 2);
  const untouched = [
    'agents/claude/.credentials.json',
    'agents/claude-checked.json',
    'queues/q/ledger/finished.log',
    'queues/q/journal/n3.json',
    'queues/q/outbox/c.json',
    'queues/gone/worker.json',
  ];
  for (const path of untouched) await lay(path, 400 * DAY_MS, '{}');
  const report = await keep();
  expect(report).toMatchObject({ kind: 'done', lost: [at('queues/q/kept/a.n1.md'), at('queues/q/outbox/a.json.damaged')] });
  expect(old.filter((path) => existsSync(at(path)))).toEqual([]);
  expect([...young, ...untouched].filter((path) => !existsSync(at(path)))).toEqual([]);
  // What was emptied is gone too: a year has tens of thousands of tasks.
  expect(
    ['work/a', 'logs/a', 'agents/claude/projects/-work-a', 'agents/claude/todos'].filter((path) => existsSync(at(path))),
  ).toEqual([]);
  expect(await readdir(at('trash'))).toEqual([]);
});

test('what any journal in this state directory tells of stays, whatever its age, and so does what is named', async () => {
  await journal('n1', 'a');
  for (const path of ['work/a/1/', 'run/n1/', 'logs/a/n1.jsonl', 'work/b/1/', 'run/n2/', 'work/c/1/'])
    await lay(path, 400 * DAY_MS);
  const atWork = { nonces: new Set(['n2']), ids: new Set(['b']) };
  expect(await goneAfter({ atWork })).toEqual({ workspaces: 1 });
  expect(existsSync(at('work/c'))).toBe(false);
});

test('a journal entry that cannot be read protects by its name', async () => {
  await lay('queues/q/journal/n1.json', 0, '{"id":');
  await lay('run/n1/', 400 * DAY_MS);
  expect(await goneAfter()).toEqual({});
});

test('folders that take too much room go oldest first, by what they really take, until the rest fits', async () => {
  for (const [id, days] of [
    ['a', 3],
    ['b', 2],
    ['c', 1],
  ] as const) {
    await lay(`work/${id}/1/deep/file`, 0, 'x'.repeat(300_000));
    await lay(`work/${id}/1/`, days * DAY_MS);
  }
  const weights = new Map();
  expect(await goneAfter({ keep: { ...KEEP, sizeBytes: 700_000 }, weights })).toEqual({ workspaces: 1 });
  expect(await readdir(at('work'))).toEqual(['b', 'c']);
  expect([...weights.values()].every(({ bytes }) => bytes >= 300_000)).toBe(true);
});

test('no link leads out: neither where a folder should be nor within one', async () => {
  await using elsewhere = temporaryDirectory();
  const precious = join(elsewhere.path, 'a/1');
  await mkdir(precious, { recursive: true });
  await writeFile(join(elsewhere.path, 'a/n.jsonl'), 'x');
  await mkdir(join(elsewhere.path, 'kept'));
  await writeFile(join(elsewhere.path, 'kept/a.n.md'), 'x');
  for (const path of ['a/n.jsonl', 'kept/a.n.md', 'a/1'].map((name) => join(elsewhere.path, name))) await utimes(path, 1, 1);
  await symlink(elsewhere.path, at('logs'));
  await mkdir(at('work'));
  await symlink(join(elsewhere.path, 'a'), at('work/a'));
  await mkdir(at('agents/claude'), { recursive: true });
  await symlink(elsewhere.path, at('agents/claude/projects'));
  await mkdir(at('queues'));
  await symlink(elsewhere.path, at('queues/q'));
  await mkdir(at('work/b/1'), { recursive: true });
  await symlink(elsewhere.path, at('work/b/1/out'));
  await utimes(at('work/b/1'), 1, 1);
  expect(await goneAfter()).toEqual({ workspaces: 1 });
  expect((await readdir(join(elsewhere.path, 'a'))).sort()).toEqual(['1', 'n.jsonl']);
  expect(await readdir(join(elsewhere.path, 'kept'))).toEqual(['a.n.md']);
});

test('a dry run says what would go and touches nothing, also while somebody else is at it', async () => {
  await lay('work/a/1/', 400 * DAY_MS);
  await lay('trash/00/', 0);
  const taken = await acquireLock(at('housekeeping.lock'), { waitMs: 0, what: 'a test' });
  if ('failure' in taken) throw new Error(taken.failure.message);
  expect(await keep()).toMatchObject({ kind: 'busy', text: expect.stringContaining('a test') });
  expect(await goneAfter({ dryRun: true })).toEqual({ workspaces: 1 });
  expect([existsSync(at('work/a/1')), existsSync(at('trash/00')), existsSync(at('housekeeping.json'))]).toEqual([
    true,
    true,
    false,
  ]);
  await taken.lock.release();
});

test('two processes at once delete everything once, and one of them is told that the other is at it', async () => {
  for (let n = 0; n < 40; n++) await lay(`work/t${n}/1/`, 400 * DAY_MS);
  const both = await Promise.all([keep(), keep()]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['busy', 'done']);
  expect(await readdir(at('work'))).toEqual([]);
});

test('a round that was done by anybody within the hour is not repeated, unless the clock was set back', async () => {
  expect((await keep({ onlyIfDue: true })).kind).toBe('done');
  expect((await keep({ onlyIfDue: true, nowMs: NOW + HOUR_MS / 2 })).kind).toBe('not-due');
  expect((await keep({ onlyIfDue: true, nowMs: NOW + HOUR_MS })).kind).toBe('done');
  expect((await keep({ onlyIfDue: true, nowMs: NOW - DAY_MS })).kind).toBe('done');
});

test('a round takes no more than it is allowed, and says that there is more', async () => {
  for (let n = 0; n < 5; n++) await lay(`work/t${n}/1/`, (400 + n) * DAY_MS);
  expect(await keep({ most: 3 })).toMatchObject({ kind: 'done', more: true });
  expect(await readdir(at('work'))).toEqual(['t0', 't1']);
  expect(await keep({ most: 3 })).toMatchObject({ kind: 'done', more: false });
});

test('a deletion that a process did not live to finish is finished by the next round', async () => {
  await lay('trash/0123456789abcdef/half/gone', 0);
  await chmod(at('trash/0123456789abcdef/half'), 0o500);
  await keep();
  expect(await readdir(at('trash'))).toEqual([]);
});
