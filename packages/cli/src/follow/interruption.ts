/** Signals that end a waiting command, and the exit status that tells of each. */
const STATUSES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type InterruptedStatus = (typeof STATUSES)[keyof typeof STATUSES];

/** A person, or the system, who wants a waiting command to end. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #listeners: (readonly [NodeJS.Signals, () => void])[];
  #status: InterruptedStatus | null = null;

  /** Listens from now on; a second signal does what it always does. */
  constructor() {
    this.#listeners = Object.entries(STATUSES).map(([signal, status]) => [
      signal as NodeJS.Signals,
      () => {
        this.close();
        this.#status = status;
        this.#controller.abort();
      },
    ]);
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit status that it asks for; null where nobody has asked. */
  get status(): InterruptedStatus | null {
    return this.#status;
  }

  /** Listens no more. Safe twice. */
  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }
}
