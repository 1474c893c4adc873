import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '@errand/testing';

/** More than any task is run. */
const PASSES = 200;

/** Places where scripts stand still until they are let through: named pipes. */
export class Gates implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #open = new Map<string, FileHandle>();

  constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Makes a gate, shut, and returns the shell command that waits at it. */
  async build(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, name);
    await mustRun('mkfifo', [path], { env: this.#env });
    return `read go < ${path}`;
  }

  /** Lets through who stands there and whoever comes later. */
  async open(name: string): Promise<void> {
    if (this.#open.has(name)) return;
    // For both reading and writing: it does not wait for a reader, and what is written stays until somebody reads it.
    const pipe = await open(join(this.#folder, name), constants.O_RDWR);
    this.#open.set(name, pipe);
    await pipe.writeFile('go\n'.repeat(PASSES));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pipe of this.#open.values()) await pipe.close();
  }
}
