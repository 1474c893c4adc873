import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Owner } from './bare-repository.ts';

/** A folder with repositories, and whose rights the programs have that serve them: another user's, where root serves. */
export interface Backend {
  root: string;
  env: Record<string, string>;
  as?: Owner;
}

/** Hands a request to `git http-backend`, which is a CGI program. */
export function runBackend({ root, env, as }: Backend, request: IncomingMessage, response: ServerResponse): void {
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
    ...(as && { uid: as.uid, gid: as.gid }),
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
