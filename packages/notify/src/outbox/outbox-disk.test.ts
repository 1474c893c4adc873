import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { note, OutboxScene } from '../rig/outbox-scene.ts';

let scene: OutboxScene;

beforeEach(async () => {
  scene = await OutboxScene.set();
});
afterEach(() => scene[Symbol.asyncDispose]());

test('files are for the owner alone', async () => {
  const { outbox } = scene.startProcess();
  await outbox.add(note('a'));
  const [name] = await scene.waiting();
  expect((await stat(join(scene.outboxPath, name ?? ''))).mode & 0o077).toBe(0);
});

test('files that hold no notification are set aside and told, whatever they are', async () => {
  const path = scene.outboxPath;
  const { outbox, events } = scene.startProcess();
  await outbox.add(note('a'));
  const name = (await scene.waiting())[0] ?? '';
  const whole = await readFile(join(path, name), 'utf8');
  const named = (digit: string): string => `${digit.repeat(40)}.json`;
  await writeFile(join(path, named('1')), '{"notification": {');
  await writeFile(join(path, named('2')), whole);
  await writeFile(join(path, named('3')), 'x'.repeat(70_000));
  await writeFile(join(path, 'hello.json'), whole.replaceAll('"priority": 3', '"priority": "high"'));
  await mkdir(join(path, named('4')));
  await writeFile(join(path, 'README.md'), 'hello');
  await outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
  expect((await readdir(path)).sort()).toEqual([
    ...['1', '2', '3', '4'].map((digit) => `${named(digit)}.damaged`),
    'README.md',
    'hello.json.damaged',
    'settled',
  ]);
  expect(events.flatMap((event) => (event.type === 'trouble' ? [event.text] : []))).toContain(
    'hello.json in the outbox holds no notification; it is set aside as hello.json.damaged',
  );
  expect(events.map(({ type }) => type).sort()).toEqual(['sent', ...Array.from({ length: 5 }, () => 'trouble')]);
});

test('a disk that takes nothing is told once, and everything is sent all the same, once', async () => {
  // A file where the folder should be: nothing can be written there, not even by root.
  await writeFile(join(scene.folder.path, 'blocked'), '');
  const { outbox, events, types } = scene.startProcess({ path: 'blocked' });
  await outbox.add(note('a'));
  await outbox.add(note('b'));
  await outbox.flush();
  await outbox.add(note('a'));
  await outbox.flush();
  expect(scene.arrived()).toEqual(['a', 'b']);
  expect(types().filter((type) => type === 'sent')).toHaveLength(2);
  const troubles = events.flatMap((event) => (event.type === 'trouble' ? [event.text] : []));
  expect(troubles.filter((text) => text.startsWith('cannot keep a notification'))).toHaveLength(1);
  expect(new Set(troubles).size).toBe(troubles.length);
  await rm(join(scene.folder.path, 'blocked'));
  await outbox.add(note('c'));
  expect(await readdir(join(scene.folder.path, 'blocked'))).toContainEqual(expect.stringMatching(/\.json$/));
  await outbox.flush();
  expect(scene.arrived()).toEqual(['a', 'b', 'c']);
});
