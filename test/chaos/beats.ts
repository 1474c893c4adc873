import { readFileSync } from 'node:fs';
import { chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BareRepository } from '@errand/testing';

const SECOND_MS = 1_000;

/**
 * When the server took the beats of each machine, whatever the machine heard of that: by the reflog of its ref, which git goes on
 * with wherever there is one.
 */
export class Beats {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** From now on, for machines that have not beaten yet. */
  static async keep({ dir }: BareRepository, machines: readonly string[]): Promise<Beats> {
    const { uid, gid } = await stat(dir);
    let folder = dir;
    for (const name of ['logs', 'refs', 'errand', 'workers']) {
      folder = join(folder, name);
      await mkdir(folder, { recursive: true });
      await chown(folder, uid, gid);
    }
    for (const machine of machines) {
      await writeFile(join(folder, machine), '', { flag: 'wx' });
      await chown(join(folder, machine), uid, gid);
    }
    return new Beats(folder);
  }

  hasBeaten(machine: string): boolean {
    return this.#seconds(machine).length > 0;
  }

  /**
   * For how long the server had not taken a beat of the machine at that moment, milliseconds of the wall clock. Git notes whole seconds,
   * and each beat counts from the end of its own: silence may be told up to a second shorter than it was, and never longer.
   */
  silentMs(machine: string, atMs: number): number {
    const last = this.#seconds(machine).findLast((second) => second * SECOND_MS <= atMs);
    return last === undefined ? Number.POSITIVE_INFINITY : Math.max(0, atMs - (last + 1) * SECOND_MS);
  }

  #seconds(machine: string): number[] {
    const log = readFileSync(join(this.#folder, machine), 'utf8');
    return [...log.matchAll(/> (\d+) [+-]\d{4}(?=\t|$)/gm)].map(([, second]) => Number(second));
  }
}
