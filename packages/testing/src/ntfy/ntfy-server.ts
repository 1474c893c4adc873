import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Door, type DoorOptions } from './door.ts';
import { type NtfyError, NtfyRefusal } from './ntfy-errors.ts';
import { publicationOfHeaders, publicationOfJson } from './publication.ts';
import { type NtfyEvent, Topics } from './topics.ts';

export interface NtfyServerOptions extends DoorOptions {
  /** Time between two keepalive events of a stream; 45,000, as ntfy has it. */
  keepaliveMs?: number;
  /** How many requests are taken before 429; without it as many as come. ntfy refills slowly, this server never. */
  burst?: number;
  /** 0, or none: one that is free. */
  port?: number;
  /** Called with each message that is taken, before the answer goes out. */
  heard?: (event: NtfyEvent) => void;
}

/** A request as it came, also one that was refused. */
export interface NtfyRequestSeen {
  method: string;
  /** With its parameters. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a server answers that is not ntfy. */
export interface FixedAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** An ntfy server on this machine alone, and what tests do to it. */
export interface NtfyTestServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly NtfyRequestSeen[];
  /** What was published to a topic, also uncached. */
  messages(topic: string): NtfyEvent[];
  /** How many follow the topic now. */
  subscribers(topic: string): number;
  /** Resolves once somebody has begun to follow the topic, so many times in all. */
  subscribed(topic: string, times?: number): Promise<void>;
  /** Resolves once nobody follows the topic. */
  unsubscribed(topic: string): Promise<void>;
  /** Resolves once the topic has been published to so many times in all. */
  received(topic: string, count?: number): Promise<void>;
  /** Resolves once so many requests have come in all, refused ones too. */
  asked(count: number): Promise<void>;
  /** Sends every stream a keepalive event now. */
  keepAlive(): void;
  /** Closes the port and every connection. */
  goAway(): Promise<void>;
  /** On the same port, with everything that was cached. */
  comeBack(): Promise<void>;
  /** While on, every request but health gets 429, without `Retry-After`. */
  throttle(on: boolean): void;
  /** While on, tokens are wrong. */
  refuseToken(on?: boolean): void;
  /** The streams of this moment stay open and say nothing any more, not even keepalives; later ones speak. */
  silence(): void;
  /** The next publish is accepted, and its connection closed without an answer. */
  loseNextAnswer(): void;
  /** While set, every request is answered with this, as by something that is not ntfy. */
  answerWith(answer: FixedAnswer | null): void;
}

const CORS = { 'access-control-allow-origin': '*' };
const JSON_TYPE = { 'content-type': 'application/json', ...CORS };
const STREAM_TYPE = { 'content-type': 'application/x-ndjson; charset=utf-8', ...CORS };

/** Starts a server that answers like ntfy 2.13 with its usual limits and no attachments. */
export async function startNtfyServer(options: NtfyServerOptions = {}): Promise<NtfyTestServer> {
  const topics = new Topics();
  const door = new Door(options);
  const requests: NtfyRequestSeen[] = [];
  let isThrottled = false;
  let losesAnswer = false;
  let fixed: FixedAnswer | null = null;
  let left = options.burst ?? Number.POSITIVE_INFINITY;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const { method = 'GET' } = request;
    requests.push({ method, path: request.url ?? '/', headers: request.headers, body: body.toString('utf8') });
    topics.noticeChange();
    if (fixed !== null) return void response.writeHead(fixed.status, fixed.headers).end(fixed.body);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname;
    const isSomebody = door.identify(request, url.searchParams);
    if (method === 'OPTIONS') return void response.writeHead(200, CORS).end();
    if (path === '/v1/health') return void response.writeHead(200, JSON_TYPE).end('{"healthy":true}\n');

    const limit = (): void => {
      if (isThrottled || left <= 0) throw new NtfyRefusal('tooManyRequests');
      left -= 1;
    };
    const [, list, verb] = /^\/([-_A-Za-z0-9]{1,64}(?:,[-_A-Za-z0-9]{1,64})*)(?:\/(json|auth))?$/.exec(path) ?? [];
    const names = list?.split(',') ?? [];
    const [topic] = names;
    if ((method === 'POST' || method === 'PUT') && (path === '/' || (topic !== undefined && names.length === 1 && !verb))) {
      const publication =
        path === '/' || topic === undefined ? publicationOfJson(body) : publicationOfHeaders(topic, request.headers, body);
      limit();
      door.admit([publication.topic], isSomebody);
      const event = topics.publish(publication);
      options.heard?.(event);
      if (losesAnswer) {
        losesAnswer = false;
        request.socket.destroy();
      } else response.writeHead(200, JSON_TYPE).end(`${JSON.stringify(event)}\n`);
      return;
    }
    if (method !== 'GET' || verb === undefined) throw new NtfyRefusal('notFound');
    limit();
    door.admit(names, isSomebody);
    if (verb === 'auth') return void response.writeHead(200, JSON_TYPE).end('{"success":true}\n');
    const isPoll = url.searchParams.get('poll') === '1';
    const earlier = topics.since(names, url.searchParams.get('since') ?? (isPoll ? 'all' : 'none'));
    response.writeHead(200, STREAM_TYPE);
    if (isPoll) return void response.end(earlier.map((event) => `${JSON.stringify(event)}\n`).join(''));
    topics.follow(names, response, earlier);
  };
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      // Whoever went away in the middle of a request wants no answer.
      if (!(error instanceof NtfyRefusal)) return void response.destroy();
      refuse(response, error.answer);
    });
  };

  let server = await listen(serve, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const beat = setInterval(() => topics.keepAlive(), options.keepaliveMs ?? 45_000).unref();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    messages: (topic) => topics.of(topic),
    subscribers: (topic) => topics.subscribers(topic),
    subscribed: (topic, times = 1) => topics.until(() => topics.subscriptions(topic) >= times),
    unsubscribed: (topic) => topics.until(() => topics.subscribers(topic) === 0),
    received: (topic, count = 1) => topics.until(() => topics.of(topic).length >= count),
    asked: (count) => topics.until(() => requests.length >= count),
    keepAlive: () => topics.keepAlive(),
    goAway: () => stop(server),
    comeBack: async () => {
      server = await listen(serve, port);
    },
    throttle: (on) => {
      isThrottled = on;
    },
    refuseToken: (on = true) => {
      door.refusesTokens = on;
    },
    silence: () => topics.silence(),
    loseNextAnswer: () => {
      losesAnswer = true;
    },
    answerWith: (next) => {
      fixed = next;
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      await stop(server);
    },
  };
}

function refuse(response: ServerResponse, error: NtfyError): void {
  response.writeHead(error.http, JSON_TYPE).end(`${JSON.stringify(error)}\n`);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listen(serve: (request: IncomingMessage, response: ServerResponse) => void, port: number): Promise<Server> {
  const server = createServer(serve).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
