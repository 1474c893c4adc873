import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_BYTES = 64 * 1024;
/** No event is so long: beyond it a log is damaged, and memory would go. */
export const MAX_LINE_CHARS = 16 * 1024 * 1024;

/** Reads a log as it grows, a piece at a time. A last line that is not whole yet waits for its end. */
export class LogTail {
  readonly #path: string;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole lines that have come since the last call, without their ends. */
  async *read(): AsyncGenerator<string[], void> {
    const file = await open(this.#path).catch(() => null);
    if (file === null) return;
    try {
      for (let lines = await this.#readSome(file); lines !== null; lines = await this.#readSome(file)) {
        if (lines.length > 0) yield lines;
      }
    } finally {
      await file.close();
    }
  }

  /** Null at the end of the file. */
  async #readSome(file: FileHandle): Promise<string[] | null> {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, this.#offset);
    if (bytesRead === 0) return null;
    this.#offset += bytesRead;
    const lines = (this.#rest + this.#decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE_CHARS) this.#rest = '';
    return lines;
  }
}
