import { join, relative } from 'node:path';
import { readIfThere, writeDurably } from '@errand/queue';
import type { Holding } from './holding.ts';

/** Both clocks of a machine at one moment. */
export interface Moment {
  /** Milliseconds since 1970, which may be wrong. */
  wallMs: number;
  /** Milliseconds since the machine started, suspend included, which cannot be. */
  elapsedMs: number;
}

interface Counted extends Moment {
  livedMs: number;
  /** When the last round was done that left nothing to do, in lived time; null where none was. */
  doneAtMs: number | null;
}

/** By path within the state directory: the date that it bore when it was first seen, and when that was, in lived time. */
type Seen = { [path: string]: readonly [usedAtMs: number, seenAtMs: number] };

/** How long a machine was off, only its wall clock says: so much of that is believed for each time. */
const MOST_OFF_MS = 24 * 60 * 60_000;

/**
 * The time that this state directory has lived through, from one round of housekeeping to the next. It does not depend on the wall
 * clock being right: a thing is as old as rounds have seen it unchanged, and never older than its own date makes it.
 */
export class LivedTime {
  readonly #stateDir: string;
  readonly #now: Counted;
  readonly #seen: Seen;
  #hasNews = false;

  private constructor(stateDir: string, now: Counted, seen: Seen) {
    this.#stateDir = stateDir;
    this.#now = now;
    this.#seen = seen;
  }

  /** Reads what the last round wrote; one that cannot be read is none. Never rejects. */
  static async read(stateDir: string, moment: Moment): Promise<LivedTime> {
    const last = (await readJson(join(stateDir, 'housekeeping.json'))) as Partial<Counted>;
    const counts = [last.wallMs, last.elapsedMs, last.livedMs].every((number) => Number.isFinite(number));
    const livedMs = counts ? advance(last as Counted, moment) : 0;
    const doneAtMs = counts && typeof last.doneAtMs === 'number' ? last.doneAtMs : null;
    const seen = counts ? ((await readJson(join(stateDir, 'housekeeping-seen.json'))) as Seen) : {};
    return new LivedTime(stateDir, { ...moment, livedMs, doneAtMs }, seen);
  }

  /** Milliseconds since a round was done that left nothing to do; infinite where none was. */
  get sinceDoneMs(): number {
    return this.#now.doneAtMs === null ? Number.POSITIVE_INFINITY : this.#now.livedMs - this.#now.doneAtMs;
  }

  /** Says of each how old it is, and forgets what is not among them. */
  dateAll(holdings: readonly Holding[]): void {
    const there = new Set<string>();
    for (const one of holdings) {
      const path = relative(this.#stateDir, one.path);
      there.add(path);
      const known = this.#seen[path];
      if (known?.[0] === one.usedAtMs) one.ageMs = Math.min(this.#now.livedMs - known[1], this.#now.wallMs - one.usedAtMs);
      else {
        this.#seen[path] = [one.usedAtMs, this.#now.livedMs];
        this.#hasNews = true;
      }
    }
    for (const path of Object.keys(this.#seen)) {
      if (there.has(path)) continue;
      delete this.#seen[path];
      this.#hasNews = true;
    }
  }

  /** Writes down how far it is; `isDone` where nothing is left to do for an hour. Never rejects: a full disk makes nothing older. */
  async write({ isDone }: { isDone: boolean }): Promise<void> {
    const save = (name: string, value: object): Promise<void> =>
      writeDurably(join(this.#stateDir, name), `${JSON.stringify(value)}\n`, { sync: false }).catch(() => undefined);
    if (isDone) this.#now.doneAtMs = this.#now.livedMs;
    // In this order: a time without what was seen in it makes nothing older.
    if (this.#hasNews) await save('housekeeping-seen.json', this.#seen);
    await save('housekeeping.json', this.#now);
  }
}

/** After a start of the machine its own time counts from there, and what lies before by the wall clock, within bounds. */
function advance(last: Counted, { wallMs, elapsedMs }: Moment): number {
  if (elapsedMs >= last.elapsedMs) return last.livedMs + elapsedMs - last.elapsedMs;
  const offMs = Math.min(Math.max(wallMs - last.wallMs - elapsedMs, 0), MOST_OFF_MS);
  return last.livedMs + elapsedMs + offMs;
}

async function readJson(path: string): Promise<object> {
  try {
    const value: unknown = JSON.parse((await readIfThere(path)) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
