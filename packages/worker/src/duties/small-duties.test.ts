import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Fleet, type Machine } from '../rig/fleet.ts';
import { LoginWatcher } from './login-watcher.ts';
import { OutboxFlusher } from './outbox-flusher.ts';

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
});
afterEach(() => fleet[Symbol.asyncDispose]());

const entry = { id: 'a', content: 'Do a.\n', subject: 'add: a', createdAt: '2026-11-20T09:00:00.000Z', commits: [] };

test('what delegate left on this machine is sent with the next view, and told as a push', async () => {
  const flusher = new OutboxFlusher(pi.context);
  await pi.round(flusher);
  expect(pi.context.pusher.count).toBe(0);
  await pi.context.queue.outbox.add(entry);
  await pi.round(flusher);
  expect(fleet.files()).toEqual(new Map([['tasks/a.md', 'Do a.\n']]));
  expect(pi.told('push-ended')).toEqual([{ type: 'push-ended', purpose: 'outbox', ok: true }]);
});

test('what cannot be sent stays for the next view', async () => {
  const flusher = new OutboxFlusher(pi.context);
  await pi.context.queue.outbox.add(entry);
  fleet.remote.hook = () => 'not now';
  await pi.round(flusher);
  expect(await pi.context.queue.outbox.isEmpty()).toBe(false);
  expect(pi.told('refused')).toMatchObject([{ ids: ['a'], text: expect.stringContaining('not now') }]);
  fleet.remote.hook = () => null;
  fleet.clock.advance(60_000);
  await pi.round(flusher);
  expect(await pi.context.queue.outbox.isEmpty()).toBe(true);
});

test('each try of what delegate left takes one from the push budget, also one that others were faster than', async () => {
  const { budget, queue } = pi.context;
  await queue.outbox.add(entry);
  const take = vi.spyOn(budget, 'take');
  let tries = 0;
  const push = queue.port.push.bind(queue.port);
  vi.spyOn(queue.port, 'push').mockImplementation(async (...args) => {
    if (++tries === 1) await fleet.commit({ 'README.md': 'Faster.\n' });
    return push(...args);
  });
  await pi.round(new OutboxFlusher(pi.context));
  expect(fleet.files().get('tasks/a.md')).toBe('Do a.\n');
  expect([tries, take.mock.calls]).toEqual([2, [[1], [1]]]);
});

test('a missing login is over as soon as a key has changed, and a limit is not', async () => {
  const watcher = new LoginWatcher(pi.context);
  const { pauses, clock } = pi.context;
  const pause = { untilMs: clock.wallMs() + 900_000, reason: '401' };
  await pauses.set('command', { ...pause, about: 'limit' }, clock.wallMs());
  pi.runner.changed.add('command');
  await pi.round(watcher);
  expect(pi.told('resumed')).toEqual([]);
  await pauses.set('command', { ...pause, about: 'login' }, clock.wallMs());
  await pi.round(watcher);
  expect(pi.told('resumed')).toEqual([{ type: 'resumed', agent: 'command' }]);
  expect(pauses.get('command')).toBeNull();
  await pauses.set('command', { ...pause, about: 'login' }, clock.wallMs());
  await pi.round(watcher);
  expect(pauses.get('command')).not.toBeNull();
});
