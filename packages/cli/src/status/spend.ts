import type { View } from '@errand/planner';
import { type DaySpend, type ResultDigest, sumByDay } from './result-digests.ts';

/** What a day's attempts cost. */
export interface Spend {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  /** US dollars, of the attempts that ended on that day and say theirs. */
  usd: number;
  /** A part of it is worked out from list prices or may belong to another day, or not every result of the day could be read. */
  estimated: boolean;
  /** Those that ended on that day, with the ones of tasks that are still open. */
  attempts: number;
}

/**
 * Adds up the attempts that ended on a day: those in results, and those in the records of tasks that have none yet. `missing`:
 * there are results of that day that nobody could read.
 */
export function sumSpend(day: string, digests: Iterable<ResultDigest>, { records, results }: View, missing: boolean): Spend {
  const parts: DaySpend[] = [];
  for (const { days } of digests) if (days[day]) parts.push(days[day]);
  for (const [id, { value }] of records) {
    const ofDay = results.has(id) ? undefined : sumByDay(value.attempts)[day];
    if (ofDay) parts.push(ofDay);
  }
  return {
    day,
    usd: parts.reduce((sum, { usd }) => sum + usd, 0),
    estimated: missing || parts.some(({ estimated }) => estimated),
    attempts: parts.reduce((sum, { attempts }) => sum + attempts, 0),
  };
}
