import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { AgentEvent } from '@errand/agents';

/** The log of one attempt on this machine: one JSON line per event. A disk that is full loses lines, never the attempt. */
export class RunLog {
  readonly #stream: WriteStream;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.on('error', () => {});
  }

  static async open(folder: string, nonce: string): Promise<RunLog> {
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => undefined);
    return new RunLog(createWriteStream(join(folder, `${nonce}.jsonl`), { flags: 'a', mode: 0o600 }));
  }

  write(event: AgentEvent): void {
    if (!this.#stream.destroyed) this.#stream.write(`${JSON.stringify(event)}\n`);
  }

  async close(): Promise<void> {
    if (this.#stream.destroyed) return;
    this.#stream.end();
    await finished(this.#stream).catch(() => undefined);
  }
}
