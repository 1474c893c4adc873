import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';

/** Holds agents back until a test lets them go: a script reads a line from the pipe at `path`. */
export class Gate implements AsyncDisposable {
  readonly path: string;
  readonly #pipe: FileHandle;

  private constructor(path: string, pipe: FileHandle) {
    this.path = path;
    this.#pipe = pipe;
  }

  static async make(path: string): Promise<Gate> {
    execFileSync('mkfifo', [path]);
    // For reading too: so it opens without a reader, and what is written waits for one.
    return new Gate(path, await open(path, 'r+'));
  }

  /** Lets this many readers through, those that come later too. */
  async letThrough(readers = 1): Promise<void> {
    await this.#pipe.write('go\n'.repeat(readers));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pipe.close();
  }
}
