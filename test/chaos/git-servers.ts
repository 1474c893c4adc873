import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BareRepository, type RemoteServer, startSshServer, type TestRemote } from '@errand/testing';
import { ServerProcess } from './server-process.ts';

/** One repository behind a real sshd and behind a smart HTTP server, each of which can be killed alone. */
export class GitServers implements AsyncDisposable {
  readonly repository: BareRepository;
  readonly ssh: TestRemote;
  readonly http: ServerProcess;
  readonly #server: RemoteServer;

  private constructor(server: RemoteServer, ssh: TestRemote, http: ServerProcess) {
    this.#server = server;
    this.ssh = ssh;
    this.http = http;
    this.repository = ssh.repository;
  }

  static async start(): Promise<GitServers> {
    const server = await startSshServer();
    try {
      return await GitServers.#serve(server);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #serve(server: RemoteServer): Promise<GitServers> {
    const ssh = await server.openRemote();
    const root = dirname(ssh.repository.dir);
    // Both write as the repository's owner, or one could not change what the other made.
    const { uid, gid } = await stat(ssh.repository.dir);
    const { GIT_SSH_COMMAND: _, XDG_RUNTIME_DIR: __, ...env } = ssh.env;
    const as = uid === process.getuid?.() ? [] : [String(uid), String(gid)];
    const http = new ServerProcess('http-server.mjs', [root, ...as], env);
    await http.start();
    return new GitServers(server, ssh, http);
  }

  get sshPort(): number {
    return Number(new URL(this.ssh.url).port);
  }

  /** Where a machine finds the queue, by a port that leads to one of the two. */
  url(kind: 'ssh' | 'http', port: number): string {
    if (kind === 'http') return `http://127.0.0.1:${port}/${this.ssh.url.slice(this.ssh.url.lastIndexOf('/') + 1)}`;
    const url = new URL(this.ssh.url);
    url.port = String(port);
    return url.href;
  }

  /** What all that serves the repository has in its environment, its command line or as its folder. */
  get marks(): string[] {
    return [dirname(dirname(this.repository.dir))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http[Symbol.asyncDispose]();
    await this.ssh[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}
