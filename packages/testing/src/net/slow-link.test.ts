import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slowLink } from './slow-link.ts';

/** Long beside what a busy machine adds to a delay that is wrong, and short beside a test's patience. */
const DELAY_MS = 60;

let server: Server;
let port: number;

/** Says back what it hears, and ends when its client has ended. */
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  server.close();
});

function dial(to: number): Socket {
  return connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {});
}

/** However it ends: a break is one of the ways. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** The next thing that a server says, and how long it took from now. */
async function ask(socket: Socket, words: string): Promise<{ answer: string; tookMs: number }> {
  const began = performance.now();
  socket.write(words);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return { answer: answer.toString(), tookMs: performance.now() - began };
}

test('a question and its answer take a delay each, and the first of a connection waits for the greeting too', async () => {
  await using link = await slowLink({ port, delayMs: DELAY_MS });
  const client = dial(link.port);
  const first = await ask(client, 'one');
  const second = await ask(client, 'two');
  expect([first.answer, second.answer]).toEqual(['one', 'two']);
  expect(first.tookMs).toBeGreaterThanOrEqual(4 * DELAY_MS - 1);
  expect(second.tookMs).toBeGreaterThanOrEqual(2 * DELAY_MS - 1);
  expect(link.connections).toBe(1);
  client.destroy();
});

test('what is under way at the same time shares its delay instead of adding to it', async () => {
  await using link = await slowLink({ port, delayMs: DELAY_MS });
  const client = dial(link.port);
  await ask(client, 'hello');
  const began = performance.now();
  const chunks = 100;
  for (let chunk = 0; chunk < chunks; chunk++) client.write(`${chunk} `);
  client.end();
  const said = await text(client);
  expect(said).toBe(Array.from({ length: chunks }, (_, chunk) => `${chunk} `).join(''));
  expect(performance.now() - began).toBeLessThan((chunks * DELAY_MS) / 2);
});

test('with jitter nothing is overtaken, and half a connection may end before the other', async () => {
  let throws = 0;
  // Long and short in turn: whatever was sent later would be there first if it could.
  await using link = await slowLink({ port, delayMs: 0, jitterMs: 20, random: () => (throws++ % 2 === 0 ? 1 : 0) });
  const client = dial(link.port);
  const words = Array.from({ length: 50 }, (_, index) => `${index}\n`);
  for (const word of words) {
    client.write(word);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.end();
  expect(await text(client)).toBe(words.join(''));
});

test('a link that goes away breaks what is open and refuses what comes, until it is back under the same port', async () => {
  await using link = await slowLink({ port, delayMs: 1 });
  const client = dial(link.port);
  await ask(client, 'hello');
  const broken = closed(client);
  await link.goAway();
  await link.goAway();
  await broken;
  const late = connect({ port: link.port, host: '127.0.0.1' });
  const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  expect(refused.code).toBe('ECONNREFUSED');
  await link.comeBack();
  await link.comeBack();
  const again = dial(link.port);
  expect((await ask(again, 'hello again')).answer).toBe('hello again');
  again.destroy();
});

test('a client whose server is not there is cut off', async () => {
  server.close();
  await once(server, 'close');
  await using link = await slowLink({ port, delayMs: 1 });
  const client = dial(link.port);
  await closed(client);
});

test('a server hears of a client that has gone', async () => {
  const served = once(server, 'connection') as Promise<[Socket]>;
  await using link = await slowLink({ port, delayMs: 1 });
  const client = dial(link.port);
  await ask(client, 'hello');
  const [socket] = await served;
  const gone = closed(socket);
  client.resetAndDestroy();
  await gone;
});
