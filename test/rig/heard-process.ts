import type { ChildProcess } from 'node:child_process';

/** A program that goes on for a while, and what it says. */
export class HeardProcess implements AsyncDisposable {
  stdout = '';
  stderr = '';
  /** The exit status, or the name of the signal that ended it; its output has come whole by then. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  protected readonly child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #over = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve(code ?? signal);
      });
    });
  }

  /** Returns when this was said; throws when the program ends without it. */
  says(stream: 'stdout' | 'stderr', what: RegExp): Promise<RegExpExecArray> {
    return this.hears(() => what.exec(this[stream]), String(what));
  }

  /** The same for what is found in its words. */
  protected async hears<T>(find: () => T | null, what: string): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== null) return found;
      if (this.#over) throw new Error(`it ended without ${what}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
