/** What is to be done later, or at once when nobody wants to wait any more. */
export class Later {
  readonly #waiting = new Map<NodeJS.Timeout, () => void | Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];
  #isClosed = false;

  after(delayMs: number, act: () => void | Promise<void>): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => this.#run(timer), delayMs);
    this.#waiting.set(timer, act);
  }

  /** Does all of it now, what it brings with it too; throws where any of it, now or before, went wrong. */
  async finish(): Promise<void> {
    await this.#drain();
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, `what was to be done later: ${this.#failures[0]}`);
  }

  /** The same for who gives up: whatever went wrong, and nothing is taken on any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drain();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.size > 0 || this.#running.size > 0) {
      for (const timer of [...this.#waiting.keys()]) this.#run(timer);
      await Promise.all(this.#running);
    }
  }

  #run(timer: NodeJS.Timeout): void {
    const act = this.#waiting.get(timer);
    clearTimeout(timer);
    this.#waiting.delete(timer);
    const running = (async () => act?.())()
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}
