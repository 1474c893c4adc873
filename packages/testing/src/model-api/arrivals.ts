/** Counts what arrives, and tells whoever waits for a number of it. */
export class Arrivals {
  #count = 0;
  #waiting: { n: number; resolve: () => void }[] = [];

  add(): void {
    this.#count += 1;
    const arrived = this.#waiting.filter(({ n }) => n <= this.#count);
    this.#waiting = this.#waiting.filter(({ n }) => n > this.#count);
    for (const { resolve } of arrived) resolve();
  }

  /** Resolves once `n` have arrived since the beginning. */
  reached(n: number): Promise<void> {
    if (n <= this.#count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ n, resolve }));
  }
}
