import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderWatch } from '@errand/queue';
import { LogTail } from './log-tail.ts';
import { Pulse } from './pulse.ts';

/** Lines of the log of one attempt, named by the nonce of its claim. */
export interface LogLines {
  nonce: string;
  lines: readonly string[];
}

/** A file system that tells of no change is looked at so often, milliseconds. */
const LOOK_MS = 2_000;

/** Where this machine keeps the logs of a task's attempts. */
export function logFolder(stateDir: string, id: string): string {
  return join(stateDir, 'logs', id);
}

/** The nonces of the attempts at a task that this machine has logs of, oldest first: a nonce begins with its time. */
export async function listLogs(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : [])).sort();
}

/** Every whole line of one log. */
export async function* readLog(folder: string, nonce: string): AsyncGenerator<LogLines, void> {
  for await (const lines of new LogTail(join(folder, `${nonce}.jsonl`)).read()) yield { nonce, lines };
}

/** The logs of a task as they grow, one attempt after the other. */
export class AttemptLogs {
  readonly #folder: string;
  readonly #first: 'oldest' | 'newest' | { only: string };
  readonly #pulse = new Pulse();
  readonly #watch: FolderWatch;
  #current: { nonce: string; tail: LogTail } | null = null;

  /** `first`: the attempt to begin with, or the only one. */
  constructor(folder: string, first: 'oldest' | 'newest' | { only: string }) {
    this.#folder = folder;
    this.#first = first;
    this.#watch = new FolderWatch([folder, join(folder, '..'), join(folder, '..', '..')], () => this.#pulse.beat());
  }

  /** What has come since the last call. */
  async *read(): AsyncGenerator<LogLines, void> {
    for (let nonce = await this.#choose(); nonce !== null; nonce = await this.#findNext()) {
      if (this.#current?.nonce !== nonce) this.#current = { nonce, tail: new LogTail(join(this.#folder, `${nonce}.jsonl`)) };
      for await (const lines of this.#current.tail.read()) yield { nonce, lines };
    }
  }

  /** Returns when there may be more to read. */
  async changed(): Promise<void> {
    this.#watch.arm();
    await this.#pulse.wait(LOOK_MS);
  }

  close(): void {
    this.#watch.close();
    this.#pulse.beat();
  }

  async #choose(): Promise<string | null> {
    if (this.#current) return this.#current.nonce;
    if (typeof this.#first === 'object') return this.#first.only;
    const logs = await listLogs(this.#folder);
    return (this.#first === 'oldest' ? logs[0] : logs.at(-1)) ?? null;
  }

  /** The attempt after the one that is read. */
  async #findNext(): Promise<string | null> {
    const current = this.#current?.nonce ?? '';
    if (typeof this.#first === 'object') return null;
    return (await listLogs(this.#folder)).find((nonce) => nonce > current) ?? null;
  }
}
