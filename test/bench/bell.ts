import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Stage } from './stage.ts';

/** What a shell does as its first instruction, for `Bell.rings` to hear. */
export const RING = 'echo > "$BELL"';

/** A named pipe: tells when somebody wrote a line into it, without asking a clock of theirs. */
export class Bell implements Disposable {
  readonly #socket: Socket;

  private constructor(pipe: number) {
    this.#socket = new Socket({ fd: pipe, readable: true, writable: false });
  }

  static async hang(stage: Stage): Promise<Bell> {
    await stage.start('mkfifo', [stage.bell]).ended;
    // For writing too, so that it does not end with the first who writes.
    return new Bell(openSync(stage.bell, constants.O_RDWR | constants.O_NONBLOCK));
  }

  /** Resolves with `performance.now()` at the next ring. */
  async rings(): Promise<number> {
    await once(this.#socket, 'data');
    return performance.now();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
