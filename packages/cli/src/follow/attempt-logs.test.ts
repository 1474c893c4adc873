import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { AttemptLogs, type LogLines, listLogs, logFolder, readLog } from './attempt-logs.ts';

async function collect(lines: AsyncGenerator<LogLines, void>): Promise<string[]> {
  const all: string[] = [];
  for await (const { nonce, lines: some } of lines) all.push(...some.map((line) => `${nonce} ${line}`));
  return all;
}

test('logs are listed by age, and other files are none', async () => {
  await using folder = temporaryDirectory();
  for (const name of ['02.jsonl', '01.jsonl', 'notes.txt']) await writeFile(join(folder.path, name), '');
  expect(await listLogs(folder.path)).toEqual(['01', '02']);
  expect(await listLogs(join(folder.path, 'none'))).toEqual([]);
});

test('a line that is not whole yet waits for its end', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, '01.jsonl');
  await writeFile(path, 'one\ntw');
  const logs = new AttemptLogs(folder.path, 'oldest');
  expect(await collect(logs.read())).toEqual(['01 one']);
  expect(await collect(logs.read())).toEqual([]);
  await appendFile(path, 'o\nthree\n');
  expect(await collect(logs.read())).toEqual(['01 two', '01 three']);
  logs.close();
});

test('text that is cut within a character, or within a long line, comes out whole', async () => {
  await using folder = temporaryDirectory();
  const lines = ['ž'.repeat(100_000), `a${'漢'.repeat(100_000)}`, 'end'];
  await writeFile(join(folder.path, '01.jsonl'), `${lines.join('\n')}\n`);
  expect(await collect(readLog(folder.path, '01'))).toEqual(lines.map((line) => `01 ${line}`));
});

test('after one attempt comes the next; who begins with the newest, or wants one only, gets no other', async () => {
  await using folder = temporaryDirectory();
  await writeFile(join(folder.path, '01.jsonl'), 'a\n');
  await writeFile(join(folder.path, '02.jsonl'), 'b\n');
  const all = new AttemptLogs(folder.path, 'oldest');
  const newest = new AttemptLogs(folder.path, 'newest');
  const only = new AttemptLogs(folder.path, { only: '01' });
  expect(await collect(all.read())).toEqual(['01 a', '02 b']);
  expect(await collect(newest.read())).toEqual(['02 b']);
  expect(await collect(only.read())).toEqual(['01 a']);
  await appendFile(join(folder.path, '02.jsonl'), 'c\n');
  await writeFile(join(folder.path, '03.jsonl'), 'd\n');
  expect(await collect(all.read())).toEqual(['02 c', '03 d']);
  expect(await collect(newest.read())).toEqual(['02 c', '03 d']);
  expect(await collect(only.read())).toEqual([]);
  for (const logs of [all, newest, only]) logs.close();
});

test('a log whose folder is only made later is found', async () => {
  await using folder = temporaryDirectory();
  const own = logFolder(folder.path, 'a');
  const logs = new AttemptLogs(own, 'oldest');
  expect(await collect(logs.read())).toEqual([]);
  await mkdir(own, { recursive: true });
  await writeFile(join(own, '01.jsonl'), 'one\n');
  const found: string[] = [];
  while (found.length === 0) {
    await logs.changed();
    found.push(...(await collect(logs.read())));
  }
  expect(found).toEqual(['01 one']);
  logs.close();
});
