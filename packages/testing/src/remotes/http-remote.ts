import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hermeticEnv } from '../hermetic.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { BareRepository } from './bare-repository.ts';
import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

/** A remote over smart HTTP, with a user name and a password, both in its URL. */
export interface HttpRemote extends TestRemote {
  readonly kind: 'http';
  readonly password: string;
  /** Until told otherwise, every request is answered with this status. */
  answerWith(status: number | null): void;
}

const PASSWORD = 'correct-horse-battery';

export async function httpRemote(options: TestRemoteOptions = {}): Promise<HttpRemote> {
  const folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const repository = await BareRepository.init(join(folder.path, 'queue.git'), env, options);
  const expected = `Basic ${Buffer.from(`worker:${PASSWORD}`).toString('base64')}`;
  let status: number | null = null;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (status !== null) response.writeHead(status).end();
    else if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="queue"' }).end();
    } else runBackend(folder.path, env, request, response);
  };
  let server = await listen(answer, 0);
  const { port } = server.address() as AddressInfo;
  return {
    kind: 'http',
    url: `http://worker:${PASSWORD}@127.0.0.1:${port}/queue.git`,
    env,
    repository,
    password: PASSWORD,
    answerWith: (next) => {
      status = next;
    },
    goAway: () => stop(server),
    comeBack: async () => {
      server = await listen(answer, port);
    },
    [Symbol.asyncDispose]: async () => {
      await stop(server);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function listen(answer: (request: IncomingMessage, response: ServerResponse) => void, port: number): Promise<Server> {
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

/** Hands a request to `git http-backend`, which is a CGI program. */
function runBackend(root: string, env: Record<string, string>, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const encoding = request.headers['content-encoding'];
  const child = spawn('git', ['http-backend'], {
    env: {
      ...env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      REMOTE_USER: 'worker',
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: request.headers['content-length'] }),
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head: Buffer | null = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === null) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const fields = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const);
    const found = fields.find(([name]) => name.toLowerCase() === 'status');
    for (const [name, value] of fields) if (name.toLowerCase() !== 'status') response.setHeader(name, value);
    response.writeHead(found === undefined ? 200 : Number.parseInt(found[1], 10));
    response.write(head.subarray(end + 4));
    head = null;
  });
  child.once('close', (exitCode) => {
    if (head === null && exitCode === 0) response.end();
    else if (head === null) response.destroy();
    else response.writeHead(500).end();
  });
}
