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
   * The longest time at a stretch for which the machine's ref stood still between two moments of the wall clock, milliseconds; it may
   * have begun before the first. Git notes whole seconds, so it was that or up to a second less. A tombstone ends it as a beat does: it
   * is written when the silence was long enough.
   */
  silentMs(machine: string, fromMs: number, toMs: number): number {
    const seconds = this.#seconds(machine);
    const before = seconds.findLast((second) => second * SECOND_MS <= fromMs) ?? Number.NEGATIVE_INFINITY;
    const within = seconds.filter((second) => second > before && second * SECOND_MS <= toMs);
    const ends = [...within.map((second) => Math.min(toMs, (second + 1) * SECOND_MS)), toMs];
    return Math.max(...[before, ...within].map((second, at) => (ends[at] as number) - second * SECOND_MS));
  }

  #seconds(machine: string): number[] {
    const log = readFileSync(join(this.#folder, machine), 'utf8');
    return [...log.matchAll(/> (\d+) [+-]\d{4}(?=\t|$)/gm)].map(([, second]) => Number(second));
  }
}
