import { expect, test } from 'vitest';
import { failWith, limited, rateLimited } from './failures.ts';
import { type ModelApi, startModelApi } from './model-api.ts';
import type { Step } from './step.ts';
import { callTool, dieMidStream, hang, hangMidStream, held, refuse, reset, runOutOfTokens, say, sayNothing } from './steps.ts';

const QUESTION = { model: 'claude-test', max_tokens: 100, messages: [{ role: 'user', content: 'Hello?' }] };
const MAIN = { ...QUESTION, tools: [{ name: 'Write', input_schema: { type: 'object' } }] };

async function startWith(...steps: Step[]): Promise<ModelApi> {
  const api = await startModelApi();
  api.script(steps);
  return api;
}

function ask(api: ModelApi, body: object, signal?: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-api-key': 'dummy' };
  return fetch(`${api.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function said(response: Response): Promise<unknown> {
  return ((await response.json()) as { content: { text: string }[] }).content[0]?.text;
}

test('steps answer in their order, and the last one repeats', async () => {
  await using api = await startWith(say('one'), say('two'));
  const answers = [];
  for (let n = 1; n <= 3; n += 1) answers.push(await said(await ask(api, MAIN)));
  expect(answers).toEqual(['one', 'two', 'two']);
});

test('an answer tells the tokens it used, the model, and why it ended', async () => {
  await using api = await startWith(
    say('yes', { usage: { input: 7, output: 3, cacheRead: 2, cacheWrite: 1 }, model: 'claude-other' }),
    callTool('Write', { file_path: '/a' }, { text: 'I write.' }),
    refuse(),
    runOutOfTokens('and so'),
    sayNothing(),
  );
  const answers = [];
  for (let n = 1; n <= 5; n += 1) answers.push(await (await ask(api, MAIN)).json());
  expect(answers[0]).toMatchObject({
    model: 'claude-other',
    stop_reason: 'end_turn',
    usage: { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 },
  });
  expect(answers[1]).toMatchObject({
    model: 'claude-test',
    stop_reason: 'tool_use',
    content: [
      { type: 'text', text: 'I write.' },
      { type: 'tool_use', name: 'Write', input: { file_path: '/a' } },
    ],
  });
  expect(answers.slice(2)).toMatchObject([
    { stop_reason: 'refusal' },
    { stop_reason: 'max_tokens', content: [{ text: 'and so' }] },
    { stop_reason: 'end_turn', content: [] },
  ]);
});

test('a request that streams gets the same answer as events', async () => {
  await using api = await startWith(say('yes'));
  const response = await ask(api, { ...MAIN, stream: true });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const names = [...(await response.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  expect(names).toEqual([
    'message_start',
    'ping',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ]);
});

test('a request without tools takes no step', async () => {
  await using api = await startWith(say('one'));
  expect(await said(await ask(api, QUESTION))).toBe('A short answer.');
  expect(await said(await ask(api, MAIN))).toBe('one');
  expect(api.asked()).toEqual([MAIN]);
});

test('a step may look at what was asked', async () => {
  await using api = await startWith((body) => say(`you sent ${body.messages.length}`));
  expect(await said(await ask(api, MAIN))).toBe('you sent 1');
});

test('a new script begins with its first step', async () => {
  await using api = await startWith(say('one'));
  await ask(api, MAIN);
  api.script([say('fresh'), say('later')]);
  expect(await said(await ask(api, MAIN))).toBe('fresh');
});

test('without a script, the answer says so', async () => {
  await using api = await startModelApi();
  const response = await ask(api, MAIN);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('scripted nothing');
});

test('a failure has its status, its headers, and the body of an API error', async () => {
  await using api = await startWith(
    failWith({ status: 418, type: 'teapot_error', message: 'no coffee', headers: { 'x-pot': 'yes' } }),
    rateLimited({ retryAfterS: 7, shouldRetry: false }),
    limited({ resetsAt: new Date(1_795_166_658_900) }),
    limited(),
  );
  const teapot = await ask(api, MAIN);
  expect([teapot.status, teapot.headers.get('x-pot')]).toEqual([418, 'yes']);
  expect(await teapot.json()).toMatchObject({ type: 'error', error: { type: 'teapot_error', message: 'no coffee' } });
  const slow = await ask(api, MAIN);
  expect([slow.status, slow.headers.get('retry-after'), slow.headers.get('x-should-retry')]).toEqual([429, '7', 'false']);
  const spent = await ask(api, MAIN);
  expect(spent.headers.get('anthropic-ratelimit-unified-status')).toBe('rejected');
  expect(spent.headers.get('anthropic-ratelimit-unified-reset')).toBe('1795166658');
  expect((await ask(api, MAIN)).headers.get('anthropic-ratelimit-unified-reset')).toBeNull();
});

test('a stream that dies has said something, and its fallback answers whole or dies too', async () => {
  await using api = await startWith(dieMidStream({ fallback: 'answers' }), dieMidStream({ fallback: 'dies' }), say('after'));
  const streaming = { ...MAIN, stream: true };
  for (const answers of [true, false]) {
    const response = await ask(api, streaming);
    expect(response.status).toBe(200);
    expect(await readAsFarAsItGoes(response)).toContain('content_block_delta');
    // Clients may begin the stream anew first: that is the same step.
    await expect((await ask(api, streaming)).text()).rejects.toThrow();
    const fallback = ask(api, MAIN);
    if (answers) expect(await said(await fallback)).toBe('This is all of the answer.');
    else await expect(fallback).rejects.toThrow();
  }
  expect(await (await ask(api, streaming)).text()).toContain('after');
});

test('a reset is no answer', async () => {
  await using api = await startWith(reset());
  await expect(ask(api, MAIN)).rejects.toThrow();
});

test('who waits for a number of requests hears of it when they have arrived', async () => {
  await using api = await startWith(say('yes'));
  const third = api.requested(3).then(() => api.asked().length);
  await Promise.all([ask(api, QUESTION), ask(api, MAIN), ask(api, MAIN)]);
  expect(await Promise.race([third, Promise.resolve('not yet')])).toBe('not yet');
  await ask(api, MAIN);
  expect(await third).toBe(3);
  await api.requested(1);
});

test('a held answer comes when it is released, even if its client has left', async () => {
  await using api = await startWith(held(say('one')), held(dieMidStream({ fallback: 'answers' })), say('two'));
  expect(() => api.release()).toThrow('no request is held');
  let answered = false;
  const first = ask(api, MAIN).then((response) => {
    answered = true;
    return said(response);
  });
  await api.requested(1);
  expect(answered).toBe(false);
  api.release();
  expect(await first).toBe('one');

  const leaving = new AbortController();
  const second = ask(api, { ...MAIN, stream: true }, leaving.signal);
  await api.requested(2);
  leaving.abort();
  await expect(second).rejects.toThrow();
  api.release();
  expect(await said(await ask(api, MAIN))).toBe('This is all of the answer.');
  expect(await (await ask(api, { ...MAIN, stream: true })).text()).toContain('two');
});

test('closing ends what hangs', async () => {
  const api = await startWith(hang(), hangMidStream(), hangMidStream());
  const silent = expect(ask(api, MAIN)).rejects.toThrow();
  await api.requested(1);
  const half = readAsFarAsItGoes(await ask(api, { ...MAIN, stream: true }));
  const fallback = expect(ask(api, MAIN)).rejects.toThrow();
  await api.requested(3);
  await api[Symbol.asyncDispose]();
  await silent;
  await fallback;
  expect(await half).toContain('content_block_delta');
});

test('every request is recorded, with the key, and one without a route is unexpected', async () => {
  await using api = await startWith(say('yes'));
  await ask(api, MAIN);
  expect(await (await post(api, '/v1/messages/count_tokens', QUESTION)).json()).toEqual({ input_tokens: 1000 });
  expect(await (await fetch(`${api.url}/v1/models`)).json()).toMatchObject({ data: [] });
  expect((await fetch(api.url, { method: 'HEAD' })).status).toBe(200);
  expect((await post(api, '/v1/messages', 'not json')).status).toBe(400);
  expect((await fetch(`${api.url}/api/else?a=b`)).status).toBe(404);
  expect(api.requests().map(({ method, path, main }) => [method, path, main])).toEqual([
    ['POST', '/v1/messages?beta=true', true],
    ['POST', '/v1/messages/count_tokens', false],
    ['GET', '/v1/models', false],
    ['HEAD', '/', false],
    ['POST', '/v1/messages', false],
    ['GET', '/api/else?a=b', false],
  ]);
  expect(api.requests()[0]).toMatchObject({ headers: { 'x-api-key': 'dummy' }, body: MAIN });
  expect(api.unexpected()).toEqual(['GET /api/else?a=b']);
});

test('it listens on this machine alone', async () => {
  await using api = await startModelApi();
  expect(new URL(api.url).hostname).toBe('127.0.0.1');
});

test('a script without a step is refused', async () => {
  await using api = await startModelApi();
  expect(() => api.script([])).toThrow('at least one step');
});

function post(api: ModelApi, path: string, body: unknown): Promise<Response> {
  return fetch(api.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

async function readAsFarAsItGoes(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  } catch {
    return text;
  }
  throw new Error('the stream ended as if it were complete');
}
