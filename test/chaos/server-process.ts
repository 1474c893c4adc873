import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HeardProcess } from '../rig/heard-process.ts';

/** A server that is a process of its own, and comes back under the port that it had. */
export class ServerProcess implements AsyncDisposable {
  readonly #script: string;
  readonly #args: readonly string[];
  readonly #env: Record<string, string>;
  #process: HeardProcess | null = null;
  port = 0;

  /** `script`: beside this file; it gets the port before `args`, and says on which it listens. */
  constructor(script: string, args: readonly string[], env: Record<string, string>) {
    this.#script = fileURLToPath(new URL(script, import.meta.url));
    this.#args = args;
    this.#env = env;
  }

  async start(): Promise<void> {
    const argv = [this.#script, String(this.port), ...this.#args];
    this.#process = new HeardProcess(spawn(process.execPath, argv, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] }));
    const [, port] = await this.#process.says('stdout', /listening on (\d+)/);
    this.port = Number(port);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.#process = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
