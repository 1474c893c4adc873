import { expect, test } from 'vitest';
import { startNtfyServer } from './ntfy-server.ts';

const publish = (url: string, topic: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/${topic}`, { method: 'POST', body: 'x', ...init });
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { code: unknown }).code;

test('a user and a token get into a protected topic, until the token is refused', async () => {
  await using server = await startNtfyServer({ users: { bob: 'pw' }, tokens: ['tk_1'], protectedTopics: ['secret'] });
  const basic = { headers: { authorization: `Basic ${Buffer.from('bob:pw').toString('base64')}` } };
  expect((await publish(server.url, 'secret', basic)).status).toBe(200);
  expect((await publish(server.url, 'secret', bearer('tk_1'))).status).toBe(200);
  server.refuseToken();
  expect((await publish(server.url, 'secret', bearer('tk_1'))).status).toBe(401);
  expect((await publish(server.url, 'secret', basic)).status).toBe(200);
  expect(server.messages('secret')).toHaveLength(3);
});

test('after thirty failed logins even a good one gets 429', async () => {
  await using server = await startNtfyServer({ tokens: ['tk_1'] });
  for (let failed = 0; failed < 30; failed += 1) {
    expect((await publish(server.url, 'a', bearer('tk_2'))).status).toBe(401);
  }
  const answer = await publish(server.url, 'a', bearer('tk_1'));
  expect(answer.status).toBe(429);
  expect(await codeOf(answer)).toBe(42909);
  expect((await publish(server.url, 'a')).status).toBe(200);
});

test('throttling and a spent burst are 429 without Retry-After; health is answered all the same', async () => {
  await using server = await startNtfyServer({ burst: 2 });
  server.throttle(true);
  const throttled = await publish(server.url, 'a');
  expect(throttled.status).toBe(429);
  expect(throttled.headers.get('retry-after')).toBeNull();
  expect(await codeOf(throttled)).toBe(42901);
  server.throttle(false);
  const statuses = [];
  for (let sent = 0; sent < 3; sent += 1) statuses.push((await publish(server.url, 'a')).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
});

test('a server that went away comes back at the same address with what it had', async () => {
  await using server = await startNtfyServer();
  await publish(server.url, 'a');
  await server.goAway();
  await expect(publish(server.url, 'a')).rejects.toThrow();
  await server.comeBack();
  const poll = await fetch(`${server.url}/a/json?poll=1`);
  expect((await poll.text()).trim().split('\n')).toHaveLength(1);
});

test('a silenced stream stays open and hears nothing, a later one does', async () => {
  await using server = await startNtfyServer();
  const deaf = await listen(`${server.url}/a/json`);
  await deaf.heard('open');
  server.silence();
  const other = await listen(`${server.url}/a/json`);
  await other.heard('open');
  server.keepAlive();
  await publish(server.url, 'a');
  await other.heard('message');
  expect(other.events).toEqual(['open', 'keepalive', 'message']);
  expect(server.subscribers('a')).toBe(2);
  expect(deaf.events).toEqual(['open']);
  await server.goAway();
  await server.unsubscribed('a');
});

test('a lost answer is one that was accepted', async () => {
  await using server = await startNtfyServer();
  server.loseNextAnswer();
  await expect(publish(server.url, 'a')).rejects.toThrow();
  expect((await publish(server.url, 'a')).status).toBe(200);
  expect(server.messages('a')).toHaveLength(2);
});

interface Listener {
  events: string[];
  heard(event: string): Promise<void>;
}

/** Follows a stream until it is cut. */
async function listen(url: string): Promise<Listener> {
  const answer = await fetch(url);
  const events: string[] = [];
  const waiters = new Map<string, () => void>();
  const read = async (): Promise<void> => {
    for await (const chunk of answer.body ?? []) {
      for (const [, event] of Buffer.from(chunk)
        .toString('utf8')
        .matchAll(/"event":"(\w+)"/g)) {
        events.push(event ?? '');
        waiters.get(event ?? '')?.();
      }
    }
  };
  read().catch(() => {});
  return {
    events,
    heard: (event) =>
      new Promise((resolve) => {
        waiters.set(event, resolve);
        if (events.includes(event)) resolve();
      }),
  };
}
