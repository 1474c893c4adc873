import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.ts';

/** A program that goes on for a while on a host. */
export class HostProcess implements AsyncDisposable {
  stdout = '';
  stderr = '';
  /** The exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #over = false;

  constructor(host: Host, command: readonly string[]) {
    const [program, ...args] = host.enter(command);
    this.#child = spawn(program, args, { cwd: host.home, env: host.env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve(code ?? signal);
      });
    });
  }

  /** Returns when this was said; throws when the program ends without it. */
  async says(stream: 'stdout' | 'stderr', what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this[stream]);
      if (found) return found;
      if (this.#over) throw new Error(`it ended without ${what}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  /** At its keyboard. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it in good order and waits. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended;
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    // What it has started may hold its output open for longer.
    const exited = exitCode === null && signalCode === null ? once(this.#child, 'exit') : null;
    this.#child.kill('SIGKILL');
    await exited;
  }
}
