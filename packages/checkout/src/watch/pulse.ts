/** Waits for something to happen, or for time to pass. What happens while nobody waits ends the next wait at once. */
export class Pulse {
  #beaten = false;
  #end: (() => void) | null = null;

  /** Something has happened. */
  beat(): void {
    this.#beaten = true;
    this.#end?.();
  }

  /** Returns when something has happened, or after so many milliseconds. */
  async wait(ms: number): Promise<void> {
    if (!this.#beaten) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#end = null;
    }
    this.#beaten = false;
  }
}
