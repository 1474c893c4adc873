import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type NtfyTestServer, startNtfyServer } from '@errand/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followTopic } from '../ntfy/follow-topic.ts';
import type { NtfyServer } from '../ntfy/server.ts';
import { startSocket } from '../rig/start-socket.ts';
import { publishWake } from './publish-wake.ts';
import { subscribeToWake, type WakeOptions, type WakeState, type WakeSubscription } from './subscribe-to-wake.ts';

let server: NtfyTestServer;
let open: WakeSubscription[];

beforeEach(async () => {
  server = await startNtfyServer({ tokens: ['tk_good'], protectedTopics: ['secret'] });
  open = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.map((subscription) => subscription.close()));
  await server[Symbol.asyncDispose]();
});

/** Something that happens again and again, and can be waited for. */
class Signal {
  count = 0;
  #waiters: { count: number; resolve: () => void }[] = [];

  happen(): void {
    this.count += 1;
    for (const { count, resolve } of this.#waiters) if (this.count >= count) resolve();
  }

  times(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ count, resolve });
      if (this.count >= count) resolve();
    });
  }
}

function follow(options: Partial<WakeOptions> & { server?: NtfyServer; topic?: string } = {}) {
  const woken = new Signal();
  const told = new Signal();
  const states: WakeState[] = [];
  const subscription = subscribeToWake(options.server ?? { url: server.url }, options.topic ?? 'wake', {
    onWake: () => woken.happen(),
    onState: (state) => {
      states.push(state);
      told.happen();
    },
    backoff: { firstMs: 1, longestMs: 10 },
    quietMs: 0,
    random: () => 0,
    ...options,
  });
  open.push(subscription);
  return { subscription, woken, told, states };
}

test('a wake is silent, is not kept, and says nothing of the task', async () => {
  expect(await publishWake({ url: server.url }, 'wake')).toMatchObject({ kind: 'sent' });
  expect(server.messages('wake')).toEqual([
    { id: expect.any(String), time: expect.any(Number), event: 'message', topic: 'wake', message: 'wake', priority: 1 },
  ]);
  expect(await (await fetch(`${server.url}/wake/json?poll=1`)).text()).toBe('');
});

test('whoever follows looks once on connecting, and once for each message, whatever is in it', async () => {
  const { woken, states } = follow();
  await woken.times(1);
  await publishWake({ url: server.url }, 'wake');
  await woken.times(2);
  await fetch(`${server.url}/wake`, { method: 'POST', body: '{"event":"keepalive"} $(reboot)' });
  await woken.times(3);
  expect(states).toEqual([{ kind: 'connected' }]);
});

test('messages that come in a burst are one look at once, and one when the quiet time is over', async () => {
  const { woken } = follow({ quietMs: 300_000 });
  await woken.times(1);
  for (let sent = 0; sent < 5; sent += 1) await publishWake({ url: server.url }, 'wake');
  await server.received('wake', 5);
  expect(woken.count).toBe(1);
});

test('a keepalive is no wake', async () => {
  const { woken } = follow();
  await woken.times(1);
  server.keepAlive();
  await publishWake({ url: server.url }, 'wake');
  await woken.times(2);
  expect(woken.count).toBe(2);
});

test('after an outage it connects again and looks, since something may have been missed', async () => {
  const { woken, told, states } = follow();
  await woken.times(1);
  await server.goAway();
  await told.times(2);
  await server.comeBack();
  await woken.times(2);
  expect(states[0]).toEqual({ kind: 'connected' });
  expect(states[1]).toMatchObject({ kind: 'lost', retryInMs: 1 });
  expect(states.at(-1)).toEqual({ kind: 'connected' });
});

test('a connection that says nothing for too long is given up for a new one', async () => {
  const { woken, states } = follow({ keepaliveMs: 300 });
  await woken.times(1);
  server.silence();
  await woken.times(2);
  expect(states[1]).toEqual({
    kind: 'lost',
    text: `${server.url}/wake: it said nothing for 300 ms`,
    retryInMs: 1,
  });
});

test('a server that never answers is given up too', async () => {
  await using mute = await startSocket(() => {});
  const { told, states } = follow({ server: { url: mute.url }, connectMs: 50 });
  await told.times(1);
  expect(states[0]).toMatchObject({ kind: 'lost', text: `${mute.url}/wake: it said nothing for 50 ms` });
});

test('a token opens a protected topic, without it the refusal is told once and tried again rarely', async () => {
  const good = follow({ server: { url: server.url, token: 'tk_good' }, topic: 'secret' });
  await good.woken.times(1);
  const bad = follow({ topic: 'secret', refusedMs: 1 });
  await bad.told.times(1);
  const refused = `${server.url}/secret may not be read (403): check the token and its access to the topic`;
  expect(bad.states).toEqual([{ kind: 'refused', text: refused }]);
  const before = server.requests.length;
  await server.asked(before + 3);
  expect(bad.states).toHaveLength(1);
});

test('after a refusal nothing is asked for a quarter of an hour', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { told } = follow({ topic: 'secret' });
  await told.times(1);
  vi.advanceTimersByTime(15 * 60_000 - 1);
  // Whatever was asked before this was asked first.
  await publishWake({ url: server.url }, 'marker');
  expect(server.requests.map(({ path }) => path)).toEqual(['/secret/json', '/']);
  vi.advanceTimersByTime(1);
  await server.asked(3);
  expect(server.requests[2]?.path).toBe('/secret/json');
});

test('a stream stays as long as the server says something now and then, and no longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const heard = new Signal();
  const closing = new AbortController();
  const end = followTopic({ url: server.url }, 'wake', {
    signal: closing.signal,
    connectMs: 60_000,
    silenceMs: 1000,
    onEvent: () => heard.happen(),
  });
  await heard.times(1);
  for (let keepalives = 2; keepalives < 6; keepalives += 1) {
    vi.advanceTimersByTime(999);
    server.keepAlive();
    await Promise.race([heard.times(keepalives), end]);
    expect(heard.count).toBe(keepalives);
  }
  vi.advanceTimersByTime(1000);
  expect(await end).toEqual({ kind: 'lost', text: `${server.url}/wake: it said nothing for 1000 ms` });
});

test('a redirect is not followed, and no text holds the token', async () => {
  await using other = await startNtfyServer();
  server.answerWith({ status: 302, headers: { location: `${other.url}/wake/json` } });
  const { told, states } = follow({ server: { url: server.url, token: 'tk_good' } });
  await told.times(1);
  expect(states[0]).toMatchObject({ kind: 'lost', text: `${server.url}/wake answered 302` });
  expect(other.requests).toHaveLength(0);
});

test.each([
  ['something else than ntfy does', '<html>\n<p>Sign in</p>\n'],
  ['lines without an end', 'x'.repeat(100_000)],
])('a server that sends %s wakes nobody', async (what, body) => {
  server.answerWith({ status: 200, body });
  const { told, states, woken } = follow();
  await told.times(1);
  expect(states[0]).toMatchObject({ kind: 'lost', text: `${server.url}/wake sends ${what}` });
  expect(woken.count).toBe(0);
});

test('a stream that opens and ends at once is waited for longer each time', async () => {
  server.answerWith({ status: 200, body: '{"event":"open"}\n' });
  const { told, states } = follow({ backoff: { firstMs: 1, longestMs: 10_000 } });
  await told.times(8);
  const waits = states.flatMap((state) => (state.kind === 'lost' ? [state.retryInMs] : []));
  expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8]);
});

test('a stream that lasted until a keepalive was no failure', async () => {
  server.answerWith({ status: 200, body: '{"event":"open"}\n{"event":"keepalive"}\n' });
  const { told, states } = follow({ backoff: { firstMs: 1, longestMs: 10_000 } });
  await told.times(6);
  const waits = states.flatMap((state) => (state.kind === 'lost' ? [state.retryInMs] : []));
  expect(waits.slice(0, 3)).toEqual([1, 1, 1]);
});

test('closing ends the stream, a wait between two tries, and nothing is told afterwards', async () => {
  const { subscription, woken, states } = follow();
  await woken.times(1);
  await subscription.close();
  await server.unsubscribed('wake');
  await publishWake({ url: server.url }, 'wake');
  expect(woken.count).toBe(1);
  expect(states).toEqual([{ kind: 'connected' }]);

  await server.goAway();
  const waiting = follow({ backoff: { firstMs: 3_600_000, longestMs: 7_200_000 } });
  await waiting.told.times(1);
  await waiting.subscription.close();
  await waiting.subscription.close();
});

test('a process that closed its subscription ends by itself, and undici is loaded only once it is needed', async () => {
  const program = `
    import { createRequire } from 'node:module';
    import { subscribeToWake } from '@errand/notify';
    const { cache } = createRequire(process.cwd());
    const hasUndici = () => Object.keys(cache).some((path) => path.includes('/undici/'));
    process.stdout.write(hasUndici() + ' ');
    const subscription = subscribeToWake({ url: process.argv[1] }, 'wake', {
      onWake: () => {
        process.stdout.write('woken ' + hasUndici());
        void subscription.close();
      },
      onState: () => {},
    });
  `;
  const child = spawn(
    process.execPath,
    ['--conditions=@errand/source', '--import', 'tsx', '--input-type=module', '--eval', program, server.url],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, output }).toEqual({ code: 0, output: 'false woken true' });
});
