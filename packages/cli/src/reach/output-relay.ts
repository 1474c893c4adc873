import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { statusOfSignal } from './forwarded-signals.ts';

/**
 * `cat`, between ssh and this process's standard output. Ssh ends with 255 and without a word where nobody reads its output any
 * more, as it does where the connection broke; `cat` ends as any program does here: by SIGPIPE, or with its reason on standard
 * error. Not this process itself: what it writes to a pipe that nobody empties would keep it from hearing signals.
 */
export class OutputRelay {
  readonly #child: ChildProcess;
  /** 0 once all has been written; else as a shell says how `cat` ended. */
  readonly ended: Promise<number>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'exit').then(([code, signal]) => (signal === null ? code : statusOfSignal(signal)));
  }

  /** Null where there is no `cat`: then output takes the direct way. */
  static start(env: NodeJS.ProcessEnv): OutputRelay | null {
    // In a session of its own, since Ctrl-C is not meant for it: the command there may have more to say.
    const child = spawn('cat', { env, stdio: ['pipe', 'inherit', 'inherit'], detached: true });
    child.on('error', () => {});
    return child.pid === undefined ? null : new OutputRelay(child);
  }

  /** What a child gets as its standard output; afterwards `letGo` leaves it to that child alone. */
  get input(): Writable | 'ignore' {
    return this.#child.stdin ?? 'ignore';
  }

  letGo(): void {
    this.#child.stdin?.destroy();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
