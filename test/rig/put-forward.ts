import { renameSync, writeFileSync } from 'node:fs';

/** A worker's clock that a test puts forward: time passes for it that nobody has to wait for. Timers are not told. */
export class PutForward {
  /** What `clockFile` of a worker's process names. */
  readonly file: string;
  #ms = 0;

  constructor(file: string) {
    this.file = file;
    this.by(0);
  }

  by(ms: number): void {
    this.#ms += ms;
    // A worker that reads it at this moment finds the one or the other.
    writeFileSync(`${this.file}.new`, String(this.#ms));
    renameSync(`${this.file}.new`, this.file);
  }
}
