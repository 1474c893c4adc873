import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishToNtfy } from '../ntfy/publish.ts';
import { DAY, HOUR, MINUTE, note, OutboxScene } from '../rig/outbox-scene.ts';
import { nameOfKey, renderEntry } from './entry.ts';

let scene: OutboxScene;

beforeEach(async () => {
  scene = await OutboxScene.set();
});
afterEach(() => scene[Symbol.asyncDispose]());

test('what is added is on disk first, and sent in the order in which it was added', async () => {
  const { outbox, events } = scene.startProcess();
  for (const key of ['c', 'a', 'b']) await outbox.add(note(key));
  expect(await scene.waiting()).toHaveLength(3);
  expect(scene.arrived()).toEqual([]);
  await outbox.flush();
  expect(scene.arrived()).toEqual(['c', 'a', 'b']);
  expect(events).toEqual(scene.server.messages('errand').map(({ id, message }) => ({ type: 'sent', key: message, id })));
  expect(await scene.waiting()).toEqual([]);
  expect(outbox.nextDueAt()).toBeNull();
});

test('a key is sent once: while it waits, after it was sent, and by the next process; a week later again', async () => {
  const first = scene.startProcess();
  await Promise.all([first.outbox.add(note('a')), first.outbox.add(note('a'))]);
  await first.outbox.flush();
  await first.outbox.add(note('a'));
  await first.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);

  scene.nowMs += 6 * DAY;
  const second = scene.startProcess();
  await second.outbox.add(note('a'));
  await second.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);

  scene.nowMs += DAY;
  await second.outbox.add(note('a'));
  await second.outbox.flush();
  expect(scene.arrived()).toEqual(['a', 'a']);
});

test('a process that ends in the middle leaves the rest to the next one, and nothing is sent twice', async () => {
  const first = scene.startProcess();
  for (const key of ['a', 'b', 'c']) await first.outbox.add(note(key));
  const ending = new AbortController();
  const dying = scene.startProcess({
    signal: ending.signal,
    publish: async (notification) => {
      const outcome = await publishToNtfy({ url: scene.server.url, token: 'tk_good' }, notification);
      ending.abort();
      return outcome;
    },
  });
  await dying.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);

  const next = scene.startProcess();
  expect(next.outbox.nextDueAt()).not.toBeNull();
  for (const key of ['a', 'b', 'c']) await next.outbox.add(note(key));
  await next.outbox.flush();
  expect(scene.arrived()).toEqual(['a', 'b', 'c']);
});

test('a process killed between the note that it went and the removal does not send again', async () => {
  const first = scene.startProcess();
  await first.outbox.add(note('a'));
  const [name] = await scene.waiting();
  const path = join(scene.outboxPath, name ?? '');
  const content = await readFile(path, 'utf8');
  await first.outbox.flush();
  await writeFile(path, content);

  const next = scene.startProcess();
  await next.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
  expect(await scene.waiting()).toEqual([]);
});

test('a key that is added again while it waits keeps its place and its first text', async () => {
  const { outbox } = scene.startProcess();
  await outbox.add(note('a'));
  await outbox.add(note('b'));
  await outbox.add({ ...note('a'), message: 'again' });
  await outbox.flush();
  expect(scene.arrived()).toEqual(['a', 'b']);
});

test('what another process adds is sent too', async () => {
  const worker = scene.startProcess();
  await worker.outbox.flush();
  await scene.startProcess().outbox.add(note('a'));
  await worker.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
});

test('what waited for a week is dropped and told, counting the time before a restart', async () => {
  const first = scene.startProcess();
  await scene.server.goAway();
  await first.outbox.add(note('old'));
  scene.nowMs += 4 * DAY;
  const next = scene.startProcess();
  await next.outbox.add(note('new'));
  await next.liveFor(3 * DAY + 15 * MINUTE);
  await next.outbox.flush();
  expect(next.events.filter(({ type }) => type === 'dropped')).toEqual([
    { type: 'dropped', key: 'old', text: 'it could not be sent for a week' },
  ]);
  await scene.server.comeBack();
  await next.liveFor(HOUR);
  expect(scene.arrived()).toEqual(['new']);
});

test('what another process sent meanwhile is not sent again', async () => {
  const worker = scene.startProcess();
  await worker.outbox.add(note('a'));
  await scene.startProcess().outbox.flush();
  await worker.outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
  expect(worker.events).toEqual([]);
});

test('a clock that started in 1970 and was then set right ages nothing', async () => {
  const first = scene.startProcess({ wallMs: () => scene.nowMs });
  await first.outbox.add(note('a'));
  await scene.startProcess().outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
});

test('more than a thousand do not wait: the oldest goes, and that is told', async () => {
  await mkdir(scene.outboxPath);
  for (let index = 0; index < 1000; index += 1) {
    const entry = { notification: note(`n${index}`), addedAtMs: scene.startMs + index };
    await writeFile(join(scene.outboxPath, `${nameOfKey(entry.notification.key)}.json`), renderEntry(entry));
  }
  const { outbox, events } = scene.startProcess();
  await outbox.add(note('n1000'));
  expect(await scene.waiting()).toHaveLength(1000);
  expect(events).toEqual([{ type: 'dropped', key: 'n0', text: 'more than 1000 notifications wait, and it was the oldest' }]);
});

test('two flushes at once are one', async () => {
  const { outbox } = scene.startProcess();
  await outbox.add(note('a'));
  await Promise.all([outbox.flush(), outbox.flush()]);
  expect(scene.server.requests).toHaveLength(1);
});
