import type { Io } from '../command.ts';
import { escapeControls } from '../json-text.ts';
import type { LogLines } from './attempt-logs.ts';
import { LogRenderer } from './render-log.ts';

/** Writes logs to standard output, rendered for people, or as they stand. */
export class LogWriter {
  readonly #io: Io;
  readonly #raw: boolean;
  #nonce: string | null = null;
  #renderer: LogRenderer;

  constructor(io: Io, raw: boolean) {
    this.#io = io;
    this.#raw = raw;
    this.#renderer = new LogRenderer(io);
  }

  write({ nonce, lines }: LogLines): void {
    if (this.#raw) {
      this.#io.out(lines.map((line) => `${escapeControls(line)}\n`).join(''));
      return;
    }
    if (this.#nonce !== null && this.#nonce !== nonce) {
      this.finish();
      this.#renderer = new LogRenderer(this.#io);
    }
    this.#nonce = nonce;
    this.#io.out(lines.map((line) => this.#renderer.render(line)).join(''));
  }

  /** Nothing more comes. */
  finish(): void {
    if (!this.#raw) this.#io.out(this.#renderer.finish());
  }
}
