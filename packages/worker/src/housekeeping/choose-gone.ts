import { type Holding, ONLY_COPIES } from './holding.ts';

/** What is so young is left alone, whatever room it takes: it may be about to be used. */
const YOUNG_MS = 60 * 60_000;
/** Of the room for everything, what may be taken by that which exists nowhere else. */
const RESULTS_SHARE = 0.1;
const UNDELIVERED_SHARE = 0.5;

/** What goes, in this order, and what is lacking all the same. */
export interface Choice<H> {
  gone: H[];
  bytesLeft: number;
  /** The rest takes more room than it may. */
  tooMuch: boolean;
  /** What the disk lacks still, bytes. */
  lackingBytes: number;
}

/**
 * Chooses what has to go: what is older than it may be, then, for as long as all of it takes more than `sizeBytes`, what was used
 * longest ago. What exists nowhere else has a room of its own, so that nothing else pushes it out. `lackingBytes` is what the disk
 * lacks for the worker to go on at all: so much more goes, whatever is configured, as far as it may.
 */
export function chooseGone<H extends Holding>(
  holdings: readonly H[],
  sizeBytes: number,
  nowMs: number,
  lackingBytes = 0,
): Choice<H> {
  const byAge = [...holdings].sort((a, b) => a.usedAtMs - b.usedAtMs);
  const gone = new Set(byAge.filter((one) => !one.needed && one.ageMs >= one.limitMs));
  const sum = (those: readonly H[]): number => those.reduce((bytes, one) => bytes + one.bytes, 0);
  const makeRoom = (those: readonly H[], roomBytes: number): number => {
    let bytes = sum(those.filter((one) => !gone.has(one)));
    for (const one of those) {
      if (bytes <= roomBytes) break;
      if (gone.has(one) || one.needed || one.bytes === 0 || Math.abs(nowMs - one.usedAtMs) < YOUNG_MS) continue;
      gone.add(one);
      bytes -= one.bytes;
    }
    return bytes;
  };
  const only = (kind: Holding['kind']): H[] => byAge.filter((one) => one.kind === kind);
  const results = makeRoom(only('results'), sizeBytes * RESULTS_SHARE);
  const undelivered = makeRoom(only('undelivered'), sizeBytes * UNDELIVERED_SHARE);
  const other = byAge.filter(({ kind }) => !ONLY_COPIES.has(kind));
  const room = sizeBytes - results - undelivered;
  const others = makeRoom(other, lackingBytes > 0 ? Math.min(room, sum(other) - lackingBytes) : room);
  return {
    gone: [...gone],
    bytesLeft: results + undelivered + others,
    tooMuch: results > sizeBytes * RESULTS_SHARE || undelivered > sizeBytes * UNDELIVERED_SHARE || others > room,
    lackingBytes: Math.max(0, lackingBytes - sum([...gone])),
  };
}
