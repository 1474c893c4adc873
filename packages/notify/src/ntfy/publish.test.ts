import { type NtfyTestServer, startNtfyServer } from '@errand/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Notification } from '../notification.ts';
import { startSocket } from '../rig/start-socket.ts';
import { publishToNtfy } from './publish.ts';

const TOKEN = 'tk_0123456789';
const NOTIFICATION: Notification = {
  key: 'finished/01K',
  topic: 'errand',
  title: 'Done: naïve 🚀',
  message: 'It works.',
  priority: 4,
  tags: ['white_check_mark'],
  click: 'https://git.example/a',
};

let server: NtfyTestServer;

beforeEach(async () => {
  server = await startNtfyServer({ tokens: [TOKEN], protectedTopics: ['secret'] });
});
afterEach(() => server[Symbol.asyncDispose]());

test('a notification arrives with title, priority, tags and address, and its id comes back', async () => {
  const outcome = await publishToNtfy({ url: server.url }, NOTIFICATION);
  const [message] = server.messages('errand');
  expect(outcome).toEqual({ kind: 'sent', id: message?.id });
  expect(message).toMatchObject({
    title: 'Done: naïve 🚀',
    message: 'It works.',
    priority: 4,
    tags: ['white_check_mark'],
    click: 'https://git.example/a',
  });
  expect(message).not.toHaveProperty('content_type');
});

test('the same key has the same sequence, in letters that newer servers take', async () => {
  await publishToNtfy({ url: server.url }, NOTIFICATION);
  await publishToNtfy({ url: server.url }, { ...NOTIFICATION, title: 'again' });
  await publishToNtfy({ url: server.url }, { ...NOTIFICATION, key: 'other' });
  const sequences = server.requests.map(({ body }) => (JSON.parse(body) as { sequence_id: string }).sequence_id);
  expect(sequences[0]).toMatch(/^[-_A-Za-z0-9]{1,64}$/);
  expect(sequences[1]).toBe(sequences[0]);
  expect(sequences[2]).not.toBe(sequences[0]);
});

test('4,095 bytes are accepted, one more is rejected for good', async () => {
  const most = `${'語'.repeat(1365)}`;
  expect(await publishToNtfy({ url: server.url }, { ...NOTIFICATION, message: most })).toMatchObject({ kind: 'sent' });
  expect(server.messages('errand')[0]?.message).toBe(most);
  expect(await publishToNtfy({ url: server.url }, { ...NOTIFICATION, message: `${most}a` })).toEqual({
    kind: 'rejected',
    text: `${server.url} does not take this message (400, invalid request: attachments not allowed)`,
  });
});

test('a server may live below a path, with or without a slash at its end', async () => {
  for (const end of ['', '/']) {
    server.answerWith({ status: 200, body: '{"id":"abc","event":"message"}' });
    expect(await publishToNtfy({ url: `${server.url}/ntfy${end}` }, NOTIFICATION)).toEqual({ kind: 'sent', id: 'abc' });
  }
  expect(server.requests.map(({ path }) => path)).toEqual(['/ntfy/', '/ntfy/']);
});

test('a token opens a protected topic; without it, or with another, publishing is refused', async () => {
  const secret = { ...NOTIFICATION, topic: 'secret' };
  expect(await publishToNtfy({ url: server.url, token: TOKEN }, secret)).toMatchObject({ kind: 'sent' });
  expect(await publishToNtfy({ url: server.url }, secret)).toEqual({
    kind: 'unauthorized',
    text: `${server.url} refuses to publish (403, forbidden): check the token and its access to the topic`,
  });
  expect(await publishToNtfy({ url: server.url, token: 'tk_other' }, secret)).toEqual({
    kind: 'unauthorized',
    text: `${server.url} refuses to publish (401, unauthorized): check the token and its access to the topic`,
  });
});

test.each(['', 'two\nlines', 'with space', 'ключ'])('a token that cannot be one (%j) is not sent anywhere', async (token) => {
  const outcome = await publishToNtfy({ url: server.url, token }, NOTIFICATION);
  expect(outcome.kind).toBe('unauthorized');
  expect(server.requests).toHaveLength(0);
  expect(JSON.stringify(outcome)).not.toContain('lines"');
});

test('a throttled publish is told apart', async () => {
  server.throttle(true);
  expect(await publishToNtfy({ url: server.url }, NOTIFICATION)).toEqual({
    kind: 'throttled',
    text: `${server.url} takes no more for now (429, limit reached: too many requests)`,
  });
});

test('a redirect is not followed, and the token goes nowhere else', async () => {
  await using other = await startNtfyServer({ tokens: [TOKEN] });
  server.answerWith({ status: 301, headers: { location: `${other.url}/` } });
  expect(await publishToNtfy({ url: server.url, token: TOKEN }, NOTIFICATION)).toEqual({
    kind: 'unreachable',
    text: `${server.url} redirects to ${other.url}/: make that ntfy.server, redirects are not followed`,
  });
  expect(other.requests).toHaveLength(0);
});

test.each([
  { status: 200, body: '<html>Sign in to the hotel network</html>' },
  { status: 200, body: '{"healthy":true}' },
  { status: 404, body: 'nothing here' },
  { status: 500 },
  { status: 502, body: '<h1>Bad gateway</h1>' },
])('an answer that says nothing of the message is one to try again: $status $body', async (answer) => {
  server.answerWith(answer);
  expect(await publishToNtfy({ url: server.url }, NOTIFICATION)).toMatchObject({ kind: 'unreachable' });
});

test('no text holds the token, even if the server sends it back', async () => {
  for (const status of [400, 401, 429, 500, 301]) {
    server.answerWith({ status, headers: { location: `/?${TOKEN}` }, body: JSON.stringify({ error: `no access for ${TOKEN}` }) });
    const outcome = await publishToNtfy({ url: server.url, token: TOKEN }, NOTIFICATION);
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
    expect(JSON.stringify(outcome)).toContain('(token)');
  }
});

test('a password in the address is in no text', async () => {
  await server.goAway();
  const outcome = await publishToNtfy({ url: server.url.replace('//', '//me:hunter2@') }, NOTIFICATION);
  expect(outcome.kind).toBe('unreachable');
  expect(JSON.stringify(outcome)).not.toContain('hunter2');
});

test('a hostile error is one short line', async () => {
  server.answerWith({ status: 400, body: JSON.stringify({ error: `a\n\u001b[31m${'b'.repeat(5000)}` }) });
  const outcome = await publishToNtfy({ url: server.url }, NOTIFICATION);
  expect(outcome.kind === 'sent' ? '' : outcome.text).toMatch(/\(400, a b+…\)$/);
  expect(JSON.stringify(outcome).length).toBeLessThan(400);
});

test('an answer without an end is read no further than it may matter', async () => {
  await using endless = await startSocket((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n');
    const pour = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(16_384)));
    };
    socket.on('drain', pour);
    pour();
  });
  expect(await publishToNtfy({ url: endless.url }, NOTIFICATION, { timeoutMs: 60_000 })).toMatchObject({ kind: 'unreachable' });
});

test('a server that does not answer, is not there, or has no address is unreachable', async () => {
  await using mute = await startSocket(() => {});
  expect(await publishToNtfy({ url: mute.url }, NOTIFICATION, { timeoutMs: 50 })).toEqual({
    kind: 'unreachable',
    text: `${mute.url} cannot be reached: no answer within 50 ms`,
  });
  await server.goAway();
  expect(await publishToNtfy({ url: server.url }, NOTIFICATION)).toMatchObject({
    kind: 'unreachable',
    text: expect.stringContaining('ECONNREFUSED'),
  });
  expect(await publishToNtfy({ url: 'ntfy.example' }, NOTIFICATION)).toEqual({
    kind: 'unreachable',
    text: 'ntfy.server is no http or https address',
  });
});

test('whoever asked can give up', async () => {
  const giving = new AbortController();
  await using mute = await startSocket(() => giving.abort());
  const outcome = await publishToNtfy({ url: mute.url }, NOTIFICATION, { signal: giving.signal, timeoutMs: 60_000 });
  expect(outcome).toEqual({ kind: 'unreachable', text: `${mute.url} cannot be reached: given up` });
  expect(await publishToNtfy({ url: mute.url }, NOTIFICATION, { signal: giving.signal })).toMatchObject({ kind: 'unreachable' });
});
