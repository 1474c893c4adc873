import type { OutboxFolder } from './outbox-folder.ts';

const MAX_REMEMBERED = 2000;

/** Which keys were sent or dropped lately, also by an earlier process; the oldest are forgotten first. */
export class SettledMemory {
  readonly #folder: OutboxFolder;
  readonly #keepMs: number;
  /** Wall clock in ms, by the name of the key. */
  #settledAtMs = new Map<string, number>();

  constructor(folder: OutboxFolder, keepMs: number) {
    this.#folder = folder;
    this.#keepMs = keepMs;
  }

  async load(nowMs: number): Promise<void> {
    this.#settledAtMs = new Map([...(await this.#folder.readSettled()), ...this.#settledAtMs]);
    await this.#forget(nowMs);
  }

  has(name: string, nowMs: number): boolean {
    const settledAtMs = this.#settledAtMs.get(name);
    return settledAtMs !== undefined && nowMs - settledAtMs < this.#keepMs;
  }

  note(name: string, nowMs: number): void {
    this.#settledAtMs.set(name, nowMs);
  }

  async save(name: string, nowMs: number): Promise<void> {
    await this.#folder.markSettled(name, nowMs);
    await this.#forget(nowMs);
  }

  async #forget(nowMs: number): Promise<void> {
    const byAge = [...this.#settledAtMs].sort(([, a], [, b]) => b - a);
    for (const [index, [name, atMs]] of byAge.entries()) {
      if (index < MAX_REMEMBERED && nowMs - atMs < this.#keepMs) continue;
      this.#settledAtMs.delete(name);
      await this.#folder.forgetSettled(name, atMs);
    }
  }
}
