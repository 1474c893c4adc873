import { constants } from 'node:os';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const;

type ForwardedSignal = (typeof SIGNALS)[number];

/** The exit status of a command that a signal ended, as a shell gives it. */
export function statusOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Signals to this process that are meant for a command which it runs: it lives on, and passes them on. */
export class ForwardedSignals {
  readonly #listeners: (readonly [ForwardedSignal, () => void])[];
  #first: ForwardedSignal | null = null;

  /** `forward` is also told whether it is not the first. */
  constructor(forward: (signal: ForwardedSignal, again: boolean) => void) {
    this.#listeners = SIGNALS.map((signal) => [
      signal,
      () => {
        const again = this.#first !== null;
        this.#first ??= signal;
        forward(signal, again);
      },
    ]);
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  /** The first that came; null where none has. */
  get first(): ForwardedSignal | null {
    return this.#first;
  }

  /** Passes on no more. Safe twice. */
  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}
