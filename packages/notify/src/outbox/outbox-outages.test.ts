import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishToNtfy } from '../ntfy/publish.ts';
import { HOUR, MINUTE, note, OutboxScene, SECOND } from '../rig/outbox-scene.ts';

let scene: OutboxScene;

beforeEach(async () => {
  scene = await OutboxScene.set();
});
afterEach(() => scene[Symbol.asyncDispose]());

test('an outage of an hour: said once, tried less and less often, then everything arrives once', async () => {
  const { outbox, events, types, liveFor } = scene.startProcess();
  await scene.server.goAway();
  for (const key of ['a', 'b', 'c']) {
    await outbox.add(note(key));
    await liveFor(20 * MINUTE);
  }
  expect(events).toEqual([{ type: 'failed', text: expect.stringContaining('cannot be reached'), retryInMs: 6250, pending: 1 }]);
  await scene.server.comeBack();
  await liveFor(16 * MINUTE);
  expect(scene.arrived()).toEqual(['a', 'b', 'c']);
  expect(types()).toEqual(['failed', 'sent', 'sent', 'sent']);
});

test('waits double from 5 s to 15 min, and a success starts over', async () => {
  const tries: number[] = [];
  let isAway = true;
  const { outbox, liveFor } = scene.startProcess({
    publish: async () => {
      tries.push(scene.nowMs);
      return isAway ? { kind: 'unreachable', text: 'away' } : { kind: 'sent', id: '1' };
    },
  });
  await outbox.add(note('a'));
  await liveFor(2 * HOUR);
  const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(waits.slice(0, 4)).toEqual([6250, 12_500, 25_000, 50_000]);
  expect(Math.max(...waits)).toBe(12.5 * MINUTE);
  isAway = false;
  await liveFor(15 * MINUTE);
  isAway = true;
  await outbox.add(note('b'));
  const at = scene.nowMs;
  await liveFor(7 * SECOND);
  expect(tries.filter((tried) => tried >= at)).toEqual([at, at + 6250]);
});

test('a server that throttles, and does not say until when, gets everything in the end, and is told once', async () => {
  const { outbox, types, liveFor } = scene.startProcess();
  for (const key of ['a', 'b', 'c', 'd']) await outbox.add(note(key));
  scene.server.throttle(true);
  await liveFor(5 * MINUTE);
  scene.server.throttle(false);
  await liveFor(15 * MINUTE);
  expect(scene.arrived()).toEqual(['a', 'b', 'c', 'd']);
  expect(types()).toEqual(['failed', 'sent', 'sent', 'sent', 'sent']);
});

test('a server that takes one message at a time is one outage, not many', async () => {
  let turn = 0;
  const { outbox, types, liveFor } = scene.startProcess({
    publish: async () => {
      turn += 1;
      return turn % 2 === 0 ? { kind: 'sent', id: '1' } : { kind: 'throttled', text: 'slowly' };
    },
  });
  for (const key of ['a', 'b', 'c']) await outbox.add(note(key));
  await liveFor(HOUR);
  expect(types()).toEqual(['failed', 'sent', 'sent', 'sent']);
});

test('a wrong token is said once, tried every 15 minutes, and works again when the server takes it', async () => {
  const { outbox, events, types, liveFor } = scene.startProcess();
  scene.server.refuseToken();
  await outbox.add(note('a'));
  await liveFor(HOUR);
  await outbox.add(note('b'));
  await liveFor(HOUR);
  expect(events).toEqual([
    { type: 'unauthorized', text: expect.stringContaining('check the token'), retryInMs: 15 * MINUTE, pending: 1 },
  ]);
  expect(scene.server.requests).toHaveLength(8);
  scene.server.refuseToken(false);
  await liveFor(15 * MINUTE);
  expect(scene.arrived()).toEqual(['a', 'b']);
  scene.server.refuseToken();
  await outbox.add(note('c'));
  await liveFor(MINUTE);
  expect(types()).toEqual(['unauthorized', 'sent', 'sent', 'unauthorized']);
});

test('a new token is tried at once, and said again if it is wrong too', async () => {
  let token = 'tk_old';
  const { outbox, types, liveFor } = scene.startProcess({
    publish: (notification) => publishToNtfy({ url: scene.server.url, token }, notification),
  });
  await outbox.add(note('a'));
  await liveFor(MINUTE);
  token = 'tk_bad';
  outbox.retryNow();
  await liveFor(MINUTE);
  token = 'tk_good';
  outbox.retryNow();
  await liveFor(MINUTE);
  expect(types()).toEqual(['unauthorized', 'unauthorized', 'sent']);
});

test('a message that the server never takes is dropped and told, and keeps nobody else', async () => {
  const { outbox, events } = scene.startProcess();
  await outbox.add({ ...note('big'), message: 'a'.repeat(5000) });
  await outbox.add(note('a'));
  await outbox.flush();
  expect(scene.arrived()).toEqual(['a']);
  expect(events[0]).toEqual({ type: 'dropped', key: 'big', text: expect.stringContaining('attachments not allowed') });
  await outbox.add({ ...note('big'), message: 'a'.repeat(5000) });
  await outbox.flush();
  expect(scene.server.requests).toHaveLength(2);
});

test('a lost answer is the one point where a message may come twice, and both have one sequence', async () => {
  const { outbox, liveFor } = scene.startProcess();
  scene.server.loseNextAnswer();
  await outbox.add(note('a'));
  await liveFor(MINUTE);
  expect(scene.arrived()).toEqual(['a', 'a']);
  const sequences = scene.server.requests.map(({ body }) => (JSON.parse(body) as { sequence_id: string }).sequence_id);
  expect(new Set(sequences).size).toBe(1);
});

test('a publish that breaks is an outage like any other', async () => {
  const { outbox, events } = scene.startProcess({ publish: () => Promise.reject(new Error('boom')) });
  await outbox.add(note('a'));
  await outbox.flush();
  expect(events).toEqual([{ type: 'failed', text: 'boom', retryInMs: 6250, pending: 1 }]);
});

test('once told to stop, nothing more is sent and nothing is told', async () => {
  const stopping = new AbortController();
  const { outbox, events } = scene.startProcess({
    signal: stopping.signal,
    publish: async () => {
      stopping.abort();
      return { kind: 'unreachable', text: 'given up' };
    },
  });
  await outbox.add(note('a'));
  await outbox.flush();
  await outbox.flush();
  expect(events).toEqual([]);
  expect(await scene.waiting()).toHaveLength(1);
});
