import type { Remark, WatchEvent } from '../events.ts';

/** Tells what happens, and what holds only when it begins; the end of an outage or of a wait is told too. */
export class Teller {
  readonly #emit: (event: WatchEvent) => void;
  #told = new Map<string, Remark>();

  constructor(emit: (event: WatchEvent) => void) {
    this.#emit = emit;
  }

  happened(event: WatchEvent): void {
    this.#emit(event);
  }

  /** What holds now. With `isWhole`, whatever is not among it holds no more, and is told again when it comes back. */
  holds(remarks: readonly Remark[], isWhole: boolean): void {
    const now = new Map(remarks.map((remark) => [remarkKey(remark), remark]));
    const over = isWhole ? [...this.#told].filter(([key]) => !now.has(key)) : [];
    for (const [key] of over) this.#told.delete(key);
    const types = new Set([...this.#told.values(), ...remarks].map(({ type }) => type));
    if (over.some(([, { type }]) => type === 'remote-away') && !types.has('remote-away')) this.#emit({ type: 'remote-back' });
    if (over.some(([, { type }]) => type === 'engaged') && !types.has('engaged')) this.#emit({ type: 'going-on' });
    for (const [key, remark] of now) {
      if (this.#told.has(key)) continue;
      this.#told.set(key, remark);
      this.#emit(remark);
    }
  }

  /** What was told and still holds. */
  get standing(): readonly Remark[] {
    return [...this.#told.values()];
  }
}

/** The same for the same trouble: counts and words of others may change meanwhile. */
function remarkKey(remark: Remark): string {
  switch (remark.type) {
    case 'remote-away':
    case 'no-folder-watch':
      return remark.type;
    case 'engaged':
      return `${remark.type} ${remark.engagement.what}`;
    case 'taken-back':
      return JSON.stringify([remark.type, remark.newest]);
    case 'own-commits':
      return JSON.stringify([remark.type, remark.subjects, remark.waiting.length > 0]);
    case 'pull-blocked':
      return JSON.stringify([remark.type, remark.paths]);
    case 'commit-refused':
    case 'push-refused':
      return JSON.stringify([remark.type, remark.ids]);
    case 'invalid':
    case 'ignored':
    case 'front-matter-forgotten':
    case 'id-finished':
    case 'staged-otherwise':
    case 'changed-there':
    case 'removals-held':
    case 'conflict':
    case 'still-written':
      return JSON.stringify(remark);
  }
}
