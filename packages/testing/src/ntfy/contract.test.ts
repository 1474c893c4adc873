import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NtfyTestServer, startNtfyServer } from './ntfy-server.ts';

interface Exchange {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Answer {
  status: number;
  content_type: string | null;
  body: string;
}

/**
 * What a real ntfy 2.13 answered. `{topic}` is the case's own topic, `{first}` the id of the first message of `before`,
 * `{a*9}` nine times `a`; ids and times are left out. Where the request asked for icons, buttons or attachments too, their
 * fields are left out of both.
 */
interface RecordedCase {
  name: string;
  before?: Exchange[];
  request: Exchange;
  answer: Answer;
  /** Of a server that makes attachments of what is too long. */
  answer_with_attachments?: Answer;
  /** Only where a token is known, and the topic `secret` is for its bearer alone. */
  needs?: 'token';
}

interface Subject {
  url: string;
  token: string | undefined;
}

const RECORDED = JSON.parse(readFileSync(new URL('./recorded-2.13.json', import.meta.url), 'utf8')) as RecordedCase[];

const { NTFY_URL, NTFY_TOKEN } = process.env;

describe('the test double', () => {
  let server: NtfyTestServer;
  const token = 'tk_contract';
  beforeAll(async () => {
    server = await startNtfyServer({ tokens: [token], protectedTopics: ['secret'], keepaliveMs: 100 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describeContract(() => ({ url: server.url, token }), true);
});

if (NTFY_URL !== undefined && NTFY_URL !== '') {
  const subject = { url: NTFY_URL.replace(/\/+$/, ''), token: NTFY_TOKEN };
  describe(`the server at ${subject.url}`, () => describeContract(() => subject, subject.token !== undefined));
}

function describeContract(subject: () => Subject, hasToken: boolean): void {
  const cases = RECORDED.filter(({ needs }) => needs === undefined || hasToken);

  test.each(cases)('answers as recorded: $name', async (recorded) => {
    const topic = newTopic();
    const names = { topic, first: '', token: subject().token ?? '' };
    for (const [index, exchange] of (recorded.before ?? []).entries()) {
      const answer = await ask(subject().url, exchange, names);
      expect(answer.status).toBe(200);
      if (index === 0) names.first = (JSON.parse(answer.body) as { id: string }).id;
    }
    const answer = await ask(subject().url, recorded.request, names);
    const allowed = [recorded.answer, recorded.answer_with_attachments].filter((one) => one !== undefined);
    expect(allowed.map((one) => ({ ...one, body: fill(one.body, { ...names, first: '' }) }))).toContainEqual({
      ...answer,
      body: withoutChance(answer.body),
    });
  });

  test('streams an open event, each message, and keepalives', { timeout: 120_000 }, async () => {
    const topic = newTopic();
    await using stream = await openStream(`${subject().url}/${topic}/json`);
    expect(stream.contentType).toBe('application/x-ndjson; charset=utf-8');
    expect(await stream.next('open')).toBe(`{"id":"<id>","time":<t>,"event":"open","topic":"${topic}"}`);
    await ask(subject().url, { method: 'POST', path: '/{topic}', headers: { Title: 'L' }, body: 'live' }, { topic });
    expect(await stream.next('message')).toBe(
      `{"id":"<id>","time":<t>,"expires":<t>,"event":"message","topic":"${topic}","title":"L","message":"live"}`,
    );
    expect(await stream.next('keepalive')).toBe(`{"id":"<id>","time":<t>,"event":"keepalive","topic":"${topic}"}`);
  });

  test('shows an uncached message to those who listen, and to nobody later', async () => {
    const topic = newTopic();
    await using stream = await openStream(`${subject().url}/${topic}/json`);
    await stream.next('open');
    const body = '{"topic":"{topic}","message":"wake","priority":1,"cache":"no"}';
    await ask(subject().url, { method: 'POST', path: '/', body }, { topic });
    expect(await stream.next('message')).toBe(
      `{"id":"<id>","time":<t>,"event":"message","topic":"${topic}","message":"wake","priority":1}`,
    );
    const later = await ask(subject().url, { method: 'GET', path: '/{topic}/json?poll=1' }, { topic });
    expect(later).toMatchObject({ status: 200, body: '' });
  });
}

let topics = 0;

/** Servers keep topics for hours: no run may meet another's. */
function newTopic(): string {
  topics += 1;
  return `contract${Date.now().toString(36)}${process.pid.toString(36)}n${topics}`;
}

function fill(text: string, names: Record<string, string>): string {
  const token = names.token ?? '';
  return text
    .replace(/\{a\*(\d+)\}/g, (_, times) => 'a'.repeat(Number(times)))
    .replaceAll('{token as password}', Buffer.from(`:${token}`).toString('base64'))
    .replaceAll('{token as parameter}', Buffer.from(`Bearer ${token}`).toString('base64url'))
    .replace(/\{(topic|first|token)\}/g, (_, name: string) => names[name] ?? '');
}

/** An answer without what differs from run to run. */
function withoutChance(body: string): string {
  return body
    .replace(/"id":"[A-Za-z0-9]{10,12}"/g, '"id":"<id>"')
    .replace(/"(time|expires)":\d+/g, '"$1":<t>')
    .replace(/"url":"[^"]*\/file\/[A-Za-z0-9]{12}/g, '"url":"<file>')
    .trim();
}

async function ask(url: string, exchange: Exchange, names: Record<string, string>): Promise<Answer> {
  const headers = Object.entries(exchange.headers ?? {}).map(([name, value]): [string, string] => [name, fill(value, names)]);
  const answer = await fetch(url + fill(exchange.path, names), {
    method: exchange.method,
    headers,
    body: exchange.body === undefined ? null : Buffer.from(fill(exchange.body, names)),
  });
  return { status: answer.status, content_type: answer.headers.get('content-type'), body: (await answer.text()).trim() };
}

interface OpenStream extends AsyncDisposable {
  contentType: string | null;
  /** The next event of this kind, as it was written, without id and times. */
  next(event: string): Promise<string>;
}

async function openStream(url: string): Promise<OpenStream> {
  const ended = new AbortController();
  const answer = await fetch(url, { signal: ended.signal });
  const chunks = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let lines = [''];
  return {
    contentType: answer.headers.get('content-type'),
    next: async (event) => {
      for (;;) {
        while (lines.length > 1) {
          const line = lines.shift() ?? '';
          if (line.includes(`"event":"${event}"`)) return withoutChance(line);
        }
        const chunk = await chunks?.read();
        if (chunk?.value === undefined) throw new Error(`the stream ended before ${event}`);
        lines = (lines[0] + chunk.value).split('\n');
      }
    },
    [Symbol.asyncDispose]: async () => ended.abort(),
  };
}
