import { rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hermeticEnv } from '../hermetic.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { BareRepository } from './bare-repository.ts';
import { type Backend, runBackend } from './http-backend.ts';
import type { RemoteServer } from './remote-server.ts';
import type { TestRemote } from './test-remote.ts';

/** A remote over smart HTTP, with a user name and a password, both in its URL. */
export interface HttpRemote extends TestRemote {
  readonly kind: 'http';
  readonly password: string;
  /** Until told otherwise, every request is answered with this status. */
  answerWith(status: number | null): void;
}

/** Serves the repositories of a folder on a port of 127.0.0.1 (0: one that is free), to everybody. */
export async function serveFolder(backend: Backend, port: number): Promise<AsyncDisposable & { port: number }> {
  const server = await listen((request, response) => runBackend(backend, request, response), port);
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: () => stop(server) };
}

const PASSWORD = 'correct-horse-battery';

/** A smart HTTP git server on 127.0.0.1 that wants a password. */
export async function startHttpServer(): Promise<RemoteServer<HttpRemote>> {
  const folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const expected = `Basic ${Buffer.from(`worker:${PASSWORD}`).toString('base64')}`;
  let status: number | null = null;
  const answer: RequestListener = (request, response) => {
    if (status !== null) response.writeHead(status).end();
    else if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="queue"' }).end();
    } else runBackend({ root: folder.path, env }, request, response);
  };
  let server = await listen(answer, 0);
  const { port } = server.address() as AddressInfo;
  const comeBack = async (): Promise<void> => {
    if (!server.listening) server = await listen(answer, port);
  };
  let repositories = 0;
  return {
    openRemote: async (options = {}) => {
      const name = `queue-${++repositories}.git`;
      const repository = await BareRepository.init(join(folder.path, name), env, options);
      return {
        kind: 'http',
        url: `http://worker:${PASSWORD}@127.0.0.1:${port}/${name}`,
        env,
        repository,
        password: PASSWORD,
        answerWith: (next) => {
          status = next;
        },
        goAway: () => stop(server),
        comeBack,
        [Symbol.asyncDispose]: async () => {
          status = null;
          await comeBack();
          await rm(repository.dir, { recursive: true, force: true });
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await stop(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function listen(answer: RequestListener, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(answer);
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
