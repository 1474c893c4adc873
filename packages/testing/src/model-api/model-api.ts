import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Arrivals } from './arrivals.ts';
import { type Exchange, giveReply, sendFailure, sendJson } from './give-reply.ts';
import { isMainRequest, parseBody, parseMessagesBody } from './messages-body.ts';
import { Script } from './script.ts';
import type { MessagesBody, Reply, Step } from './step.ts';
import { say } from './steps.ts';

/** One request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case; the client's key is among them, as `x-api-key` or `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed if it was JSON, else the text. */
  readonly body: unknown;
  /** Whether a step answered it. */
  readonly main: boolean;
}

/** A model API on this machine alone, that answers what a test scripted. */
export interface ModelApi extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Begins with the first of these steps at the next request that offers tools; the last one repeats. */
  script(steps: readonly Step[]): void;
  /** Everything that was asked so far, oldest first. */
  requests(): readonly RecordedRequest[];
  /** The bodies of the requests that offered tools, oldest first. */
  asked(): readonly MessagesBody[];
  /** Resolves when `n` requests that offer tools have arrived since the start. */
  requested(n: number): Promise<void>;
  /** Lets the held requests go that have arrived; throws if there is none. */
  release(): void;
  /** Requests that have no route here, as `GET /path`. */
  unexpected(): readonly string[];
}

/** Starts a model API on 127.0.0.1 that speaks Anthropic's Messages protocol; requests without tools are answered with a plain text. */
export async function startModelApi(): Promise<ModelApi> {
  const script = new Script();
  const arrivals = new Arrivals();
  const requests: RecordedRequest[] = [];
  const unexpected: string[] = [];
  let letGo: (() => void)[] = [];

  const server = createServer((request, response) => {
    readText(request)
      .then((text) => (text === null ? undefined : route({ request, response }, text)))
      .catch((error: unknown) => {
        // A step that threw is the test's fault: nobody waits for an answer, and the test run reports the rejection.
        request.socket.destroy();
        throw error;
      });
  });
  // A test's hang is longer than any patience of the server's.
  server.requestTimeout = 0;

  async function route(exchange: Exchange, text: string): Promise<void> {
    const { request } = exchange;
    const method = request.method ?? 'GET';
    const path = request.url ?? '/';
    const body = parseBody(text);
    const messages = parseMessagesBody(body);
    const route = `${method} ${new URL(path, 'http://127.0.0.1').pathname}`;
    const main = route === 'POST /v1/messages' && messages !== null && isMainRequest(messages);
    requests.push({ method, path, headers: flatten(request.headers), body, main });
    switch (route) {
      case 'POST /v1/messages':
        if (messages === null)
          return sendFailure(exchange, 400, { type: 'invalid_request_error', message: 'not a messages request' });
        return main ? giveNext(exchange, messages) : giveReply(exchange, messages, say('A short answer.'), null);
      case 'POST /v1/messages/count_tokens':
        return sendJson(exchange, 200, { input_tokens: 1000 });
      case 'GET /v1/models':
        return sendJson(exchange, 200, { data: [], has_more: false, first_id: null, last_id: null });
      // How clients warm up a connection.
      case 'HEAD /':
        return sendJson(exchange, 200, {});
      default:
        unexpected.push(`${method} ${path}`);
        return sendFailure(exchange, 404, { type: 'not_found_error', message: `no route ${method} ${path}` });
    }
  }

  async function giveNext(exchange: Exchange, messages: MessagesBody): Promise<void> {
    const reply: Reply | null = script.next(messages);
    const released = reply?.kind === 'held' ? new Promise<void>((resolve) => letGo.push(resolve)) : null;
    arrivals.add();
    if (reply === null) return sendFailure(exchange, 500, { type: 'api_error', message: 'the test has scripted nothing' });
    return giveReply(exchange, messages, reply, released);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    script: (steps) => script.load(steps),
    requests: () => [...requests],
    asked: () => requests.flatMap(({ main, body }) => (main ? [parseMessagesBody(body)] : [])).filter((body) => body !== null),
    requested: (n) => arrivals.reached(n),
    release() {
      if (letGo.length === 0) throw new Error('no request is held: wait for `requested(n)` first');
      for (const go of letGo) go();
      letGo = [];
    },
    unexpected: () => [...unexpected],
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Null if the client went away first. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
