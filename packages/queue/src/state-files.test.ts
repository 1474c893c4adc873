import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDurably, readIfThere, readJsonFolder, removeDeadDrafts, removeDurably, writeDurably } from './durable-file.ts';
import { Journal, type JournalEntry } from './journal.ts';
import { Ledger } from './ledger.ts';
import { nonce, sampleEntry } from './rig/samples.ts';
import { WorkerMemoryFile } from './worker-memory.ts';

let folder: TemporaryDirectory;
const at = (...names: string[]) => join(folder.path, ...names);

beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder[Symbol.asyncDispose]());

test('a file is written whole, for its owner alone, in folders made on the way, and nothing else is left', async () => {
  await writeDurably(at('deep', 'er', 'a.json'), 'one');
  await writeDurably(at('deep', 'er', 'a.json'), 'two');
  expect(await readIfThere(at('deep', 'er', 'a.json'))).toBe('two');
  expect(await readdir(at('deep', 'er'))).toEqual(['a.json']);
  expect((await stat(at('deep', 'er', 'a.json'))).mode & 0o777).toBe(0o600);
  expect((await stat(at('deep'))).mode & 0o777).toBe(0o700);
});

test('a write that fails leaves the old content and no draft', async () => {
  await mkdir(at('there', 'a.json'), { recursive: true });
  await writeFile(at('there', 'a.json', 'inside'), 'a folder is in the way');
  await expect(writeDurably(at('there', 'a.json'), 'new')).rejects.toThrow();
  expect(await readdir(at('there'))).toEqual(['a.json']);
});

test('what is not there reads as null, is removed without complaint, and is an empty folder', async () => {
  expect(await readIfThere(at('none'))).toBeNull();
  await removeDurably(at('none'));
  expect(await readJsonFolder(at('nowhere'), [])).toEqual(new Map());
});

test('a file that cannot be read for another reason is an error, not an absence', async () => {
  await mkdir(at('folder'));
  await expect(readIfThere(at('folder'))).rejects.toThrow(/EISDIR/);
});

test('of a folder only whole JSON files are read: drafts are passed over, damaged ones set aside', async () => {
  await writeDurably(at('box', 'a.json'), '{"n":1}');
  await writeFile(at('box', 'b.json.123.abcd.tmp'), '{"n":2}');
  await writeFile(at('box', 'c.json'), '{"n":');
  expect(await readJsonFolder<{ n: number }>(at('box'), ['n'])).toEqual(new Map([['a', { n: 1 }]]));
  await writeFile(at('box', 'd.json'), '{"m":1}');
  await writeFile(at('box', 'e.json'), 'null');
  expect(await readJsonFolder<{ n: number }>(at('box'), ['n'])).toEqual(new Map([['a', { n: 1 }]]));
  const names = ['a.json', 'b.json.123.abcd.tmp', 'c.json.damaged', 'd.json.damaged', 'e.json.damaged'];
  expect((await readdir(at('box'))).sort()).toEqual(names);
  expect(await readFile(at('box', 'c.json.damaged'), 'utf8')).toBe('{"n":');
});

test('a file that is to be new never takes the place of another, and leaves no draft', async () => {
  expect(await createDurably(at('new', 'a.json'), 'one')).toBe(true);
  expect(await createDurably(at('new', 'a.json'), 'two')).toBe(false);
  expect(await readIfThere(at('new', 'a.json'))).toBe('one');
  expect(await readdir(at('new'))).toEqual(['a.json']);
  expect((await stat(at('new', 'a.json'))).mode & 0o777).toBe(0o600);
});

test('what a process left that was killed while it wrote is removed, the draft of a living one stays', async () => {
  const dead = spawnSync('true').pid;
  const living = `a.json.${process.pid}.0123abcd.tmp`;
  await mkdir(at('drafts'));
  for (const name of [living, `a.json.${dead}.0123abcd.tmp`, 'not-ours.tmp']) await writeFile(at('drafts', name), '{');
  await removeDeadDrafts(at('drafts'));
  expect((await readdir(at('drafts'))).sort()).toEqual([living, 'not-ours.tmp']);
  await removeDeadDrafts(at('nowhere'));
});

const entry = (number: number, conclusion: JournalEntry['conclusion'] = null): JournalEntry => ({
  id: `task-${number}`,
  nonce: nonce(number),
  boot: 'boot-1',
  attempt: 1,
  startedAt: '2026-11-20T09:00:00.000Z',
  unit: { kind: 'tree', pid: 77 },
  conclusion,
});

test('the journal tells the next boot of every attempt, with what it came to', async () => {
  const conclusion = { kind: 'waiting' as const, attempts: [sampleEntry('a'.repeat(40))], reason: 'failed on pi' };
  const journal = new Journal(at('journal'));
  await journal.write(entry(1));
  await journal.write(entry(2));
  await journal.write(entry(1, conclusion));
  await journal.remove(nonce(2));
  await journal.remove(nonce(3));
  expect(await new Journal(at('journal')).read()).toEqual([entry(1, conclusion)]);
});

test('a worker knows its boots and its heartbeats again after a restart', async () => {
  const before = new WorkerMemoryFile(at('worker.json'));
  await before.load('boot-1');
  await before.rememberHeartbeat('h1');
  const after = new WorkerMemoryFile(at('worker.json'));
  await after.load('boot-2');
  expect([after.isMyBoot('boot-1'), after.isMyBoot('boot-2'), after.isMyBoot('boot-3')]).toEqual([true, true, false]);
  expect([after.isMyHeartbeat('h1'), after.isMyHeartbeat('h2')]).toEqual([true, false]);
});

test('a heartbeat is on disk before the promise to remember it is kept', async () => {
  const memory = new WorkerMemoryFile(at('worker.json'));
  await memory.load('boot-1');
  await memory.rememberHeartbeat('h1');
  expect(JSON.parse(await readFile(at('worker.json'), 'utf8'))).toEqual({ boots: ['boot-1'], heartbeats: ['h1'] });
});

test('only the last boots and heartbeats are kept, so that the file stays small', async () => {
  const memory = new WorkerMemoryFile(at('worker.json'));
  await memory.load('boot-1');
  for (let number = 0; number < 70; number++) await memory.rememberHeartbeat(`h${number}`);
  expect([memory.isMyHeartbeat('h5'), memory.isMyHeartbeat('h6'), memory.isMyHeartbeat('h69')]).toEqual([false, true, true]);
});

test('what a disk does not take is not remembered, and does not push out what was: a worker would take itself for its twin', async () => {
  const memory = new WorkerMemoryFile(at('worker.json'));
  await memory.load('boot-1');
  await memory.rememberHeartbeat('h1');
  await rm(at('worker.json'));
  // No file can take its place.
  await mkdir(at('worker.json'));
  for (let number = 0; number < 70; number++) await expect(memory.rememberHeartbeat(`lost-${number}`)).rejects.toThrow();
  expect([memory.isMyHeartbeat('h1'), memory.isMyHeartbeat('lost-69')]).toEqual([true, false]);
});

test.each(['', 'null', '{', '[]', '{"boots": 7}'])('a memory that reads %j starts from nothing', async (text) => {
  await writeFile(at('worker.json'), text);
  const memory = new WorkerMemoryFile(at('worker.json'));
  await memory.load('boot-2');
  expect([memory.isMyBoot('boot-2'), memory.isMyHeartbeat('h1')]).toEqual([true, false]);
});

test('a ledger that years of retries have made long is written anew at the next start, and remembers the same', async () => {
  await mkdir(at('ledger'));
  const path = at('ledger', 'finished.log');
  const retried = Array.from({ length: 600 }, () => '+a\n-a\n').join('');
  await writeFile(path, `${retried}+a\n+b\n`);
  await new Ledger(at('ledger')).load();
  expect(await readFile(path, 'utf8')).toBe('+a\n+b\n');
  await writeFile(path, '+a\n-a\n');
  await new Ledger(at('ledger')).load();
  expect(await readFile(path, 'utf8')).toBe('+a\n-a\n');
});
