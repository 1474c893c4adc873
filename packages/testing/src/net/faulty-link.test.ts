import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FaultyLink, faultyLink } from './faulty-link.ts';

let server: Server;
let link: FaultyLink;
/** What the server has heard, whoever said it. */
let heard = '';
let onHeard: () => void = () => {};

/** Says back what it hears. */
beforeEach(async () => {
  heard = '';
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      socket.write(chunk);
      onHeard();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = await faultyLink((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await link[Symbol.asyncDispose]();
  server.close();
});

function dial(): Socket {
  return connect({ port: link.port, host: '127.0.0.1' }).on('error', () => {});
}

async function ask(socket: Socket, words: string): Promise<string> {
  socket.write(words);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function serverHears(words: string): Promise<void> {
  while (!heard.includes(words))
    await new Promise<void>((resolve) => {
      onHeard = resolve;
    });
}

async function swallowedBy(by: FaultyLink, times: number): Promise<void> {
  while (by.swallowed < times) await new Promise((resolve) => setImmediate(resolve));
}

test('what was swallowed arrives late where the link heals that way', async () => {
  const client = dial();
  expect(await ask(client, 'one')).toBe('one');
  link.swallow();
  client.write('two');
  const other = dial();
  // Another connection is taken and hears nothing either.
  await once(other, 'connect');
  other.write('three');
  const answers = Promise.all([once(client, 'data'), once(other, 'data')]);
  await swallowedBy(link, 2);
  expect(heard).toBe('one');
  link.heal(true);
  expect(String(await answers)).toBe('two,three');
  client.destroy();
  other.destroy();
});

test('a connection that missed something breaks where the link heals without it, and another goes on', async () => {
  const quiet = dial();
  await ask(quiet, 'quiet');
  const client = dial();
  await ask(client, 'one');
  link.swallow();
  client.write('two');
  const broken = closed(client);
  await swallowedBy(link, 1);
  link.heal(false);
  await broken;
  expect(await ask(quiet, 'and on')).toBe('and on');
  quiet.destroy();
  client.destroy();
});

test('a deaf connection is heard, and breaks without an answer', async () => {
  const client = dial();
  await ask(client, 'one');
  let answers = '';
  client.on('data', (chunk: Buffer) => {
    answers += chunk.toString();
  });
  link.deafen(50);
  client.write('two');
  await Promise.all([serverHears('two'), closed(client)]);
  expect(answers).toBe('');
});

test('the answer to one push is lost, after the server has had all of it', async () => {
  const client = dial();
  await ask(client, 'GET /queue.git/info/refs HTTP/1.1');
  link.loseNextAnswer();
  await ask(client, 'GET /queue.git/info/refs HTTP/1.1');
  const broken = closed(client);
  client.write('POST /queue.git/git-receive-pack HTTP/1.1\r\n');
  await Promise.all([broken, serverHears('POST')]);
  expect(link.answersLost).toBe(1);
  const again = dial();
  expect(await ask(again, 'POST /queue.git/git-receive-pack HTTP/1.1')).toContain('POST');
  again.destroy();
});

test('a reset breaks what is open, and a slow link is slow until it is told otherwise', async () => {
  const client = dial();
  await ask(client, 'one');
  const broken = closed(client);
  link.reset();
  await broken;
  link.slowDown(40);
  const slow = dial();
  const began = performance.now();
  await ask(slow, 'two');
  expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  link.slowDown(0);
  expect(await ask(slow, 'three')).toBe('three');
  slow.destroy();
});
