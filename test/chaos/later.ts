/** What is to be done later, or at once when nobody wants to wait any more. */
export class Later {
  readonly #waiting = new Map<NodeJS.Timeout, () => void | Promise<void>>();
  readonly #running = new Set<Promise<void>>();

  after(delayMs: number, act: () => void | Promise<void>): void {
    const timer = setTimeout(() => this.#run(timer), delayMs);
    this.#waiting.set(timer, act);
  }

  /** Does all of it now, what it brings with it too. */
  async finish(): Promise<void> {
    while (this.#waiting.size > 0 || this.#running.size > 0) {
      for (const timer of [...this.#waiting.keys()]) this.#run(timer);
      await Promise.all(this.#running);
    }
  }

  #run(timer: NodeJS.Timeout): void {
    const act = this.#waiting.get(timer);
    clearTimeout(timer);
    this.#waiting.delete(timer);
    const running = Promise.resolve(act?.());
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }
}
