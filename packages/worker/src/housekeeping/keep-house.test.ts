import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { acquireLock } from '@errand/queue';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HouseRequest, type HouseRow, keepHouse } from './keep-house.ts';
import { noteGoesOnHere } from './who-works.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 20, 9);
const KEEP = { workspacesMs: 7 * DAY_MS, logsMs: 30 * DAY_MS, reposMs: 30 * DAY_MS, resultsMs: 180 * DAY_MS, sizeBytes: 2 ** 30 };

const Q = 'queues/0123456789abcdef';
const GONE = 'queues/fedcba9876543210';
const [N1, N2, N3] = ['01KAB3Z0T9M6Y4V1Q8E7R00001', '01KAB3Z0T9M6Y4V1Q8E7R00002', '01KAB3Z0T9M6Y4V1Q8E7R00003'];
/** So long has the machine run in these tests, housekeeping with it. */
const LIVED_MS = 500 * DAY_MS;

let folder: TemporaryDirectory;

beforeEach(async () => {
  folder = temporaryDirectory();
  await mkdir(at(`${Q}/journal`), { recursive: true });
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (path: string): string => join(folder.path, path);

async function lay(path: string, ageMs: number, text = 'x'): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true, mode: 0o700 });
  if (path.endsWith('/')) await mkdir(at(path), { recursive: true, mode: 0o700 });
  else await writeFile(at(path), text);
  await utimes(at(path), (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
}

/** A round as it is by default long after one that has seen everything that is there now. */
async function keep(request: Partial<HouseRequest> = {}) {
  if (request.elapsedMs === undefined && !existsSync(at('housekeeping.json')))
    await round({ elapsedMs: 0, keep: { ...KEEP, sizeBytes: Infinity } });
  return round(request);
}

function round(request: Partial<HouseRequest> = {}) {
  return keepHouse({
    stateDir: folder.path,
    keep: KEEP,
    env: { ...process.env, XDG_RUNTIME_DIR: folder.path },
    nowMs: NOW,
    elapsedMs: LIVED_MS,
    atWork: { nonces: new Set() },
    ...request,
  });
}

async function goneAfter(request: Partial<HouseRequest> = {}): Promise<{ [kind: string]: number }> {
  const report = await keep(request);
  if (report.kind !== 'done') throw new Error(report.kind);
  return Object.fromEntries(report.rows.filter(({ gone }) => gone > 0).map(({ kind, gone }: HouseRow) => [kind, gone]));
}

const session = (name: string, id: string) => JSON.stringify({ session: name, id, blob: 'b', agent: 'claude', cwd: '/' });
const journal = (nonce: string, id: string) => lay(`${Q}/journal/${nonce}.json`, 0, JSON.stringify({ id, nonce }));

test('everything that a worker leaves has an age at which it goes, and what is younger stays', async () => {
  const old = [
    'work/a/1/',
    `run/${N1}/`,
    `logs/a/${N1}.jsonl`,
    'agents/claude/projects/-work-a/s.jsonl',
    'agents/claude/todos/s.json',
    `${Q}/kept/a.${N1}.md`,
    `${Q}/outbox/a.json.damaged`,
    `${Q}/clone.new-00aa/`,
    `${Q}/clone.old-00bb/`,
    `${Q}/worker.json.4711.0123abcd.tmp`,
    `${Q}/clone.lock.0123456789abcdef`,
    `${GONE}/clone/`,
    'sessions/s.json',
    'repos/site-0123456789abcdef.git/',
  ];
  for (const path of old) await lay(path, 400 * DAY_MS, path.startsWith('sessions') ? session('s', 'a') : 'x');
  await lay(`${GONE}/looked`, 400 * DAY_MS);
  const young = [
    'work/b/1/',
    `run/${N2}/`,
    `logs/b/${N2}.jsonl`,
    'agents/claude/projects/-work-b/s.jsonl',
    `${Q}/kept/b.${N2}.md`,
    `${Q}/clone.new-00cc/`,
    `${Q}/clone/`,
    `${Q}/looked`,
    'sessions/t.json',
    'repos/other-0123456789abcdef.git/',
  ];
  for (const path of young) await lay(path, HOUR_MS / 2, path.startsWith('sessions') ? session('t', 'b') : 'x');
  const untouched = [
    'agents/claude/.credentials.json',
    'agents/claude-checked.json',
    `${Q}/ledger/finished.log`,
    `${Q}/journal/${N3}.json`,
    `${Q}/outbox/c.json`,
    `${GONE}/worker.json`,
  ];
  for (const path of untouched) await lay(path, 400 * DAY_MS, '{}');
  const report = await keep();
  expect(report).toMatchObject({ kind: 'done', lost: [at(`${Q}/kept/a.${N1}.md`), at(`${Q}/outbox/a.json.damaged`)] });
  expect(old.filter((path) => existsSync(at(path)))).toEqual([]);
  expect([...young, ...untouched].filter((path) => !existsSync(at(path)))).toEqual([]);
  // What was emptied is gone too: a year has tens of thousands of tasks.
  expect(
    ['work/a', 'logs/a', 'agents/claude/projects/-work-a', 'agents/claude/todos'].filter((path) => existsSync(at(path))),
  ).toEqual([]);
  expect(await readdir(at('trash'))).toEqual([]);
});

test('what any journal in this state directory tells of stays, whatever its age, and so does what is named', async () => {
  await journal(N1, 'a');
  for (const path of ['work/a/1/', `run/${N1}/`, `logs/a/${N1}.jsonl`, 'work/b/1/', `run/${N2}/`, 'work/c/1/'])
    await lay(path, 400 * DAY_MS);
  const atWork = { nonces: new Set([N2]), ids: new Set(['b']) };
  expect(await goneAfter({ atWork })).toEqual({ workspaces: 1 });
  expect(existsSync(at('work/c'))).toBe(false);
});

test('a journal entry that cannot be read protects by its name', async () => {
  await lay(`${Q}/journal/${N1}.json`, 0, '{"id":');
  await lay(`run/${N1}/`, 400 * DAY_MS);
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

test('work that was not delivered stays where other folders give way, and is named when it goes', async () => {
  const repository = 'repos/site-0123456789abcdef.git';
  for (const [id, days, bytes] of [
    ['undelivered', 6, 300_000],
    ['other', 2, 400_000],
  ] as const) {
    await lay(`work/${id}/1/file`, 0, 'x'.repeat(bytes));
    await lay(`work/${id}/1/`, days * DAY_MS);
    await lay(`${repository}/worktrees/${id}/gitdir`, 0, `${at(`work/${id}/1`)}/.git\n`);
  }
  await lay(`${repository}/worktrees/undelivered/errand-undelivered`, 0, '');
  const size = (sizeBytes: number) => ({ keep: { ...KEEP, sizeBytes } });
  expect(await keep(size(680_000))).toMatchObject({ lost: [] });
  expect(await readdir(at('work'))).toEqual(['undelivered']);
  expect(await keep(size(500_000))).toMatchObject({ lost: [at('work/undelivered/1')] });
  expect(await readdir(at('work'))).toEqual([]);
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
  await mkdir(at('agents/claude'), { recursive: true, mode: 0o700 });
  await symlink(elsewhere.path, at('agents/claude/projects'));
  await symlink(elsewhere.path, at(GONE));
  await mkdir(at('work/b/1'), { recursive: true, mode: 0o700 });
  await symlink(elsewhere.path, at('work/b/1/out'));
  await utimes(at('work/b/1'), 1, 1);
  expect(await goneAfter()).toEqual({ workspaces: 1 });
  expect((await readdir(join(elsewhere.path, 'a'))).sort()).toEqual(['1', 'n.jsonl']);
  expect(await readdir(join(elsewhere.path, 'kept'))).toEqual(['a.n.md']);
});

test('a dry run says what would go and touches nothing, also while somebody else is at it', async () => {
  await lay('work/a/1/', 400 * DAY_MS);
  await round({ elapsedMs: 0, keep: { ...KEEP, sizeBytes: Infinity } });
  await lay('trash/0123456789abcdef/', 0);
  const written = await readFile(at('housekeeping.json'), 'utf8');
  const taken = await acquireLock(at('housekeeping.lock'), { waitMs: 0, what: 'a test' });
  if ('failure' in taken) throw new Error(taken.failure.message);
  expect(await keep()).toMatchObject({ kind: 'busy', text: expect.stringContaining('a test') });
  expect(await goneAfter({ dryRun: true })).toEqual({ workspaces: 1 });
  expect([existsSync(at('work/a/1')), existsSync(at('trash/0123456789abcdef'))]).toEqual([true, true]);
  expect(await readFile(at('housekeeping.json'), 'utf8')).toBe(written);
  await taken.lock.release();
});

test('two processes at once delete everything once, and one of them is told that the other is at it', async () => {
  for (let n = 0; n < 40; n++) await lay(`work/t${n}/1/`, 400 * DAY_MS);
  const both = await Promise.all([keep(), keep()]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['busy', 'done']);
  expect(await readdir(at('work'))).toEqual([]);
});

test('a round that was done by anybody within the hour is not repeated, whatever the wall clock says', async () => {
  const at1000 = (afterMs: number, nowMs = NOW) => keep({ onlyIfDue: true, elapsedMs: 1000 + afterMs, nowMs });
  expect((await at1000(0)).kind).toBe('done');
  expect((await at1000(HOUR_MS / 2)).kind).toBe('not-due');
  expect((await at1000(HOUR_MS / 2, NOW + 400 * DAY_MS)).kind).toBe('not-due');
  expect((await at1000(HOUR_MS, NOW - DAY_MS)).kind).toBe('done');
});

test('a round takes no more than it is allowed, and the next goes on at once, though it comes only where one is due', async () => {
  for (let n = 0; n < 5; n++) await lay(`work/t${n}/1/`, (400 + n) * DAY_MS);
  expect(await keep({ most: 3, onlyIfDue: true })).toMatchObject({ kind: 'done', more: true });
  expect(await readdir(at('work'))).toEqual(['t0', 't1']);
  expect(await keep({ most: 3, onlyIfDue: true })).toMatchObject({ kind: 'done', more: false });
  expect(await readdir(at('work'))).toEqual([]);
  expect(await keep({ most: 3, onlyIfDue: true })).toEqual({ kind: 'not-due' });
});

const PRECIOUS = [`${Q}/kept/a.${N1}.md`, `logs/a/${N1}.jsonl`, 'work/a/1/', 'sessions/s.json', `${Q}/clone/`];

test('a clock that is set a year ahead deletes nothing, neither in the first round nor in later ones', async () => {
  for (const path of PRECIOUS) await lay(path, 60_000, session('s', 'a'));
  await round({ elapsedMs: HOUR_MS });
  for (const hour of [2, 3, 4, 5]) await round({ elapsedMs: hour * HOUR_MS, nowMs: NOW + 365 * DAY_MS });
  expect(PRECIOUS.filter((path) => !existsSync(at(path)))).toEqual([]);
  // A start of the machine with such a clock counts as a day without power, whatever the clock says.
  for (const years of [2, 3, 4]) await round({ elapsedMs: 60_000 / years, nowMs: NOW + years * 365 * DAY_MS });
  expect(PRECIOUS.filter((path) => !existsSync(at(path)))).toEqual([]);
});

test('what was written before the time arrived is as young as it is, and goes once rounds have seen it for its limit', async () => {
  for (const path of PRECIOUS) await lay(path, NOW - 60_000, session('s', 'a'));
  await round({ elapsedMs: 1000 });
  await round({ elapsedMs: 1000 + 6 * DAY_MS });
  expect(PRECIOUS.filter((path) => !existsSync(at(path)))).toEqual([]);
  await round({ elapsedMs: 1000 + 179 * DAY_MS });
  expect(PRECIOUS.filter((path) => existsSync(at(path)))).toEqual([PRECIOUS[0]]);
  expect(await round({ elapsedMs: 1000 + 180 * DAY_MS })).toMatchObject({ lost: [at(PRECIOUS[0] ?? '')] });
});

test('what is touched is young again', async () => {
  await lay('work/a/1/', 400 * DAY_MS);
  await round({ elapsedMs: 0 });
  await lay('work/a/1/', 300 * DAY_MS);
  await round();
  expect(existsSync(at('work/a/1'))).toBe(true);
});

test('in a directory that is no state directory, or among other things, nothing goes that is not ours', async () => {
  const others = [
    'work/My Project/1/',
    'work/site/drafts/',
    'run/scripts/',
    'logs/nginx/access.log',
    'logs/a/notes.jsonl',
    `logs/My App/${N1}.jsonl`,
    'repos/site.git/',
    'sessions/desktop.json',
    'agents/james/bond/file',
    'queues/mine/kept/letter.md',
    'trash/old-letters/letter',
  ];
  for (const path of others) await lay(path, 400 * DAY_MS, session('s', 'a'));
  expect(await goneAfter()).toEqual({});
  expect(others.filter((path) => !existsSync(at(path)))).toEqual([]);

  await using another = temporaryDirectory();
  const ours = join(another.path, 'work/site/1');
  await mkdir(ours, { recursive: true, mode: 0o700 });
  await utimes(ours, 1, 1);
  for (const elapsedMs of [0, LIVED_MS]) await round({ stateDir: another.path, elapsedMs });
  expect(await readdir(another.path)).toEqual(['work']);
  expect(existsSync(ours)).toBe(true);
});

test('of an agent’s folder only what Claude Code notes there goes, and nothing of a folder that is a person’s own', async () => {
  const noted = ['projects/-work-a/s.jsonl', 'shell-snapshots/snapshot-zsh-1.sh', 'file-history/s/f@v1', 'sessions/4711.json'];
  const others = ['prompts/mine.md', 'skills/mine/SKILL.md', 'projects.md'];
  const paths = (names: string[]) => names.map((name) => `agents/claude/${name}`);
  for (const path of paths([...noted, ...others])) await lay(path, 400 * DAY_MS);
  const left = () => [...noted, ...others].filter((name) => existsSync(at(`agents/claude/${name}`)));
  await chmod(at('agents/claude'), 0o755);
  expect([await goneAfter(), left()]).toEqual([{}, [...noted, ...others]]);
  await chmod(at('agents/claude'), 0o700);
  expect([await goneAfter(), left()]).toEqual([{}, [...noted, ...others]]);
  expect([await goneAfter({ elapsedMs: 2 * LIVED_MS }), left()]).toEqual([{ transcripts: noted.length }, others]);
});

test('a folder that a login of Claude Code’s own has made is the agent’s, though it is open to others', async () => {
  await lay('agents/claude/.credentials.json', 400 * DAY_MS);
  await lay('agents/claude/projects/-work-a/s.jsonl', 400 * DAY_MS);
  await chmod(at('agents/claude'), 0o755);
  expect(await goneAfter()).toEqual({ transcripts: 1 });
});

test('a session that waits here keeps its folder, its memory and its transcript, on any queue and without a view', async () => {
  const parts = (id: string) => [`work/${id}/1/`, `sessions/s-${id}.json`, `agents/claude/projects/-work-${id}/s-${id}.jsonl`];
  for (const id of ['mine', 'other', 'ended'])
    for (const path of parts(id)) await lay(path, 400 * DAY_MS, session(`s-${id}`, id));
  await mkdir(at(GONE));
  await noteGoesOnHere(at(GONE), ['other']);
  await utimes(at(`${GONE}/goes-on-here.json`), NOW / 1000, NOW / 1000);
  await keep({ atWork: { nonces: new Set(), ids: new Set(['mine']) } });
  expect(['mine', 'other', 'ended'].map((id) => parts(id).filter((path) => existsSync(at(path))).length)).toEqual([3, 3, 0]);
});

test('a deletion that a process did not live to finish is finished by the next round', async () => {
  await lay('trash/0123456789abcdef/half/gone', 0);
  await chmod(at('trash/0123456789abcdef/half'), 0o500);
  await keep();
  expect(await readdir(at('trash'))).toEqual([]);
});
