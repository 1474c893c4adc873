import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Gate } from './gate.ts';

/** More than any task is run. */
const PASSES = 200;

/** A gate for each of many tasks, by name. */
export class Gates implements AsyncDisposable {
  readonly #folder: string;
  readonly #gates = new Map<string, Gate>();
  readonly #open = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a gate, shut, and returns the shell command that waits at it. */
  async build(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const gate = await Gate.make(join(this.#folder, name));
    this.#gates.set(name, gate);
    return `read go < ${gate.path}`;
  }

  /** Lets through who stands there and whoever comes later. */
  async open(name: string): Promise<void> {
    if (this.#open.has(name)) return;
    this.#open.add(name);
    await this.#gates.get(name)?.letThrough(PASSES);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const gate of this.#gates.values()) await gate[Symbol.asyncDispose]();
  }
}
