import type { IncomingMessage, ServerResponse } from 'node:http';
import { buildMessage, makeId } from './message.ts';
import type { Answer, Break, MessagesBody, Reply } from './step.ts';
import { encodeEvent, streamHalf, streamMessage } from './stream-events.ts';

/** One request and where its answer goes. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** Gives the reply to a request for a message; a held one waits for `released`. A hang leaves the connection open. */
export async function giveReply(
  exchange: Exchange,
  body: MessagesBody,
  reply: Reply,
  released: Promise<void> | null,
): Promise<void> {
  switch (reply.kind) {
    case 'held':
      await released;
      return giveReply(exchange, body, reply.reply, null);
    case 'answer':
      return giveAnswer(exchange, body, reply);
    case 'break':
      return body.stream === true ? breakStream(exchange, body, reply) : giveFallback(exchange, body, reply);
    case 'failure':
      return sendFailure(exchange, reply.status, reply, reply.headers);
    case 'failure-in-stream':
      if (body.stream !== true) return sendFailure(exchange, 500, reply);
      openStream(exchange, {});
      exchange.response.end(encodeEvent({ type: 'error', error: { type: reply.type, message: reply.message } }));
      return;
    case 'hang':
      return;
    case 'reset':
      return resetConnection(exchange);
  }
}

/** A JSON answer with the headers that every answer has. */
export function sendJson(
  { response }: Exchange,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': makeId('req_'), ...headers });
  response.end(JSON.stringify(body));
}

/** An error as the API spells it. */
export function sendFailure(
  exchange: Exchange,
  status: number,
  { type, message }: { type: string; message: string },
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(exchange, status, { type: 'error', error: { type, message }, request_id: makeId('req_') }, headers);
}

function giveAnswer(exchange: Exchange, body: MessagesBody, answer: Omit<Answer, 'kind'>): void {
  const message = buildMessage(answer, body.model);
  if (body.stream !== true) {
    sendJson(exchange, 200, message, answer.headers);
    return;
  }
  openStream(exchange, answer.headers ?? {});
  for (const event of streamMessage(message)) exchange.response.write(encodeEvent(event));
  exchange.response.end();
}

async function breakStream(exchange: Exchange, body: MessagesBody, broken: Break): Promise<void> {
  openStream(exchange, broken.headers ?? {});
  const half = streamHalf(buildMessage(broken, body.model)).map(encodeEvent).join('');
  await new Promise<void>((resolve) => exchange.response.write(half, () => resolve()));
  // Not a reset: what was written must still arrive.
  if (broken.how === 'dies') exchange.request.socket.destroy();
}

function giveFallback(exchange: Exchange, body: MessagesBody, broken: Break): void {
  switch (broken.fallback) {
    case 'answers':
      giveAnswer(exchange, body, broken);
      break;
    case 'dies':
      resetConnection(exchange);
      break;
    case 'hangs':
      break;
  }
}

function openStream({ response }: Exchange, headers: Readonly<Record<string, string>>): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': makeId('req_'),
    ...headers,
  });
}

function resetConnection({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}
