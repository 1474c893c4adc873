import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CappedOutput } from './capped-output.ts';

/** What one stream of an attempt says while it runs: text in whole characters, then once that it is capped. */
export interface OutputListener {
  text(text: string): void;
  capped(): void;
  /** All of it as it comes, also beyond the cap. */
  heard(text: string): void;
}

/** One stream of an attempt: told on as it comes until the cap is reached, and kept with head and tail. */
export class AttemptOutput {
  readonly #kept: CappedOutput;
  readonly #stream: Readable;
  #toldBytes = 0;
  #lastAt = performance.now();
  readonly #ended: Promise<void>;

  constructor(stream: Readable, capBytes: number, listener: OutputListener) {
    this.#stream = stream;
    this.#kept = new CappedOutput(capBytes);
    const decoder = new StringDecoder('utf8');
    const whole = new StringDecoder('utf8');
    const tell = (text: string): void => (text === '' ? undefined : listener.text(text));
    stream.on('data', (chunk: Buffer) => {
      this.#lastAt = performance.now();
      this.#kept.push(chunk);
      listener.heard(whole.write(chunk));
      if (this.#toldBytes > capBytes) return;
      tell(decoder.write(chunk.subarray(0, capBytes - this.#toldBytes)));
      this.#toldBytes += chunk.length;
      if (this.#toldBytes > capBytes) listener.capped();
    });
    stream.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      stream.once('end', () => {
        tell(decoder.end());
        listener.heard(whole.end());
        resolve();
      });
      stream.once('close', resolve);
    });
  }

  get capped(): boolean {
    return this.#kept.capped;
  }

  text(): string {
    return this.#kept.text();
  }

  /** Reads to the end; gives up when somebody beyond our reach holds the stream open and `quietMs` pass without output. */
  async drain(quietMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const quiet = new Promise<void>((resolve) => {
      const look = (): void => {
        const leftMs = this.#lastAt + quietMs - performance.now();
        if (leftMs <= 0) resolve();
        else timer = setTimeout(look, leftMs);
      };
      timer = setTimeout(look, quietMs);
    });
    await Promise.race([this.#ended, quiet]);
    clearTimeout(timer);
    this.#stream.destroy();
  }
}
