import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { AgentEvent } from '@errand/agents';

/** Where the log of one attempt stands. */
export function runLogPath(stateDir: string, id: string, nonce: string): string {
  return join(stateDir, 'logs', id, `${nonce}.jsonl`);
}

/** A log that is so long holds only what counts from there on: how the attempt ends, and what it costs. */
const MAX_TALK_BYTES = 32 * 1024 * 1024;
const TALK: ReadonlySet<AgentEvent['type']> = new Set(['output', 'says', 'calls-tool', 'tool-answered', 'waits']);

/** The log of one attempt on this machine: one JSON line per event. A disk that is full loses lines, never the attempt. */
export class RunLog {
  readonly #stream: WriteStream;
  #bytes = 0;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.on('error', () => {});
  }

  static async open(path: string): Promise<RunLog> {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 }).catch(() => undefined);
    return new RunLog(createWriteStream(path, { flags: 'a', mode: 0o600 }));
  }

  write(event: AgentEvent): void {
    if (this.#stream.destroyed || (this.#bytes > MAX_TALK_BYTES && TALK.has(event.type))) return;
    const line = `${JSON.stringify(event)}\n`;
    this.#bytes += line.length;
    this.#stream.write(line);
  }

  async close(): Promise<void> {
    if (this.#stream.destroyed) return;
    this.#stream.end();
    await finished(this.#stream).catch(() => undefined);
  }
}

/** The events of a log, as far as it can be read: a worker that was killed leaves half a line. */
export async function* readRunLog(path: string): AsyncGenerator<AgentEvent> {
  const stream = createReadStream(path, 'utf8');
  try {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      const event = parse(line);
      if (event !== null) yield event;
    }
  } catch {
    // There is no log, or no more of it.
  } finally {
    stream.destroy();
  }
}

function parse(line: string): AgentEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as AgentEvent) : null;
  } catch {
    return null;
  }
}
