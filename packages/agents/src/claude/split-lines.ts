/**
 * No event is longer than that unless something is wrong: tool answers are cut by the CLI at a fraction of it. The worst that
 * a line of that length may hold (nothing but brackets) takes half a gigabyte of memory to read.
 */
export const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/** Makes lines of chunks. A line beyond the limit is dropped as it comes, and counted. */
export class LineSplitter {
  readonly #limit: number;
  #parts: string[] = [];
  #length = 0;
  #dropping = false;
  /** How many lines were dropped. */
  dropped = 0;

  constructor(limit: number = MAX_LINE_CHARACTERS) {
    this.#limit = limit;
  }

  /** The lines that this chunk completes, without their ends. */
  push(chunk: string): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      this.#add(chunk.slice(from, end));
      const line = this.end();
      if (line !== null) lines.push(line);
      from = end + 1;
    }
    this.#add(chunk.slice(from));
    return lines;
  }

  /** The line that was begun, or null where there is none or it was dropped. */
  end(): string | null {
    const line = this.#dropping || this.#length === 0 ? null : this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    this.#dropping = false;
    return line;
  }

  #add(text: string): void {
    if (text === '' || this.#dropping) return;
    this.#length += text.length;
    if (this.#length <= this.#limit) {
      this.#parts.push(text);
      return;
    }
    this.#dropping = true;
    this.#parts = [];
    this.dropped++;
  }
}
