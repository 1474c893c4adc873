import type { Holding } from './holding.ts';

/** What is so young is left alone, whatever room it takes: it may be about to be used. */
const YOUNG_MS = 60 * 60_000;
/** Of the room for everything, what results may take that exist nowhere else. */
const RESULTS_SHARE = 0.1;

/** What goes, in this order, and whether the rest still takes more room than it may. */
export interface Choice<H> {
  gone: H[];
  bytesLeft: number;
  tooMuch: boolean;
}

/**
 * Chooses what has to go: what is older than it may be, then, for as long as all of it takes more than `sizeBytes`, what was used
 * longest ago. Results that exist nowhere else have a room of their own, so that nothing else pushes them out. `lackingBytes` is what
 * the disk lacks for the worker to go on at all: so much less may stay, whatever is configured.
 */
export function chooseGone<H extends Holding>(
  holdings: readonly H[],
  sizeBytes: number,
  nowMs: number,
  lackingBytes = 0,
): Choice<H> {
  const byAge = [...holdings].sort((a, b) => a.usedAtMs - b.usedAtMs);
  const gone = new Set(byAge.filter((one) => !one.needed && one.ageMs >= one.limitMs));
  const makeRoom = (those: readonly H[], roomBytes: number): { bytes: number; tooMuch: boolean } => {
    let bytes = those.reduce((sum, one) => sum + (gone.has(one) ? 0 : one.bytes), 0);
    for (const one of those) {
      if (bytes <= roomBytes) break;
      if (gone.has(one) || one.needed || one.bytes === 0 || Math.abs(nowMs - one.usedAtMs) < YOUNG_MS) continue;
      gone.add(one);
      bytes -= one.bytes;
    }
    return { bytes, tooMuch: bytes > roomBytes };
  };
  const results = makeRoom(
    byAge.filter(({ kind }) => kind === 'results'),
    sizeBytes * RESULTS_SHARE,
  );
  const other = byAge.filter(({ kind }) => kind !== 'results');
  const there = other.reduce((sum, { bytes }) => sum + bytes, 0);
  const others = makeRoom(other, Math.min(sizeBytes - results.bytes, lackingBytes > 0 ? there - lackingBytes : there));
  return { gone: [...gone], bytesLeft: results.bytes + others.bytes, tooMuch: results.tooMuch || others.tooMuch };
}
