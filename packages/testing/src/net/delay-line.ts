/** Carries things one way, each after a delay of its own; what was sent first arrives first. */
export class DelayLine {
  readonly #underWay: { dueMs: number; arrive: () => void }[] = [];
  #timer: NodeJS.Timeout | null = null;

  send(delayMs: number, arrive: () => void): void {
    const before = this.#underWay.at(-1)?.dueMs ?? 0;
    this.#underWay.push({ dueMs: Math.max(before, performance.now() + delayMs), arrive });
    this.#wait();
  }

  #wait(): void {
    const [next] = this.#underWay;
    if (this.#timer !== null || next === undefined) return;
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, next.dueMs - performance.now()));
  }

  #deliver(): void {
    this.#timer = null;
    // A timer may fire a fraction of a millisecond early; what is not due stays.
    while ((this.#underWay[0]?.dueMs ?? Number.POSITIVE_INFINITY) <= performance.now()) this.#underWay.shift()?.arrive();
    this.#wait();
  }
}
