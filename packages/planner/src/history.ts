import type { AttemptEntry } from '@errand/task';
import { OUTCOMES } from './outcomes.ts';

/**
 * The history with one more attempt, oldest first. Uncounted attempts in a row that ended alike on one machine become one entry:
 * its `count` grows, what they cost adds up, `started_at` stays that of the first, everything else is the latest's. So a day of waiting stays one line.
 */
export function appendAttempt(history: readonly AttemptEntry[], entry: AttemptEntry): AttemptEntry[] {
  const alike = history.slice(startOfRun(history, entry)).find((earlier) => isAlike(earlier, entry));
  if (alike === undefined) return [...history, entry];
  const startedAt = alike.started_at ?? alike.ended_at;
  const merged = {
    ...entry,
    ...addSpent(alike, entry),
    started_at: startedAt,
    count: (alike.count ?? 1) + (entry.count ?? 1),
  };
  return [...history.filter((earlier) => earlier !== alike), merged];
}

function addSpent(a: AttemptEntry, b: AttemptEntry): Pick<AttemptEntry, 'cost_usd' | 'cost_estimated' | 'turns' | 'tokens'> {
  const sum = (x: number | undefined, y: number | undefined): number => (x ?? 0) + (y ?? 0);
  return {
    ...((a.cost_usd ?? b.cost_usd) !== undefined && { cost_usd: sum(a.cost_usd, b.cost_usd) }),
    ...((a.cost_estimated ?? b.cost_estimated) && { cost_estimated: true as const }),
    ...((a.turns ?? b.turns) !== undefined && { turns: sum(a.turns, b.turns) }),
    ...((a.tokens ?? b.tokens) && {
      tokens: {
        input: sum(a.tokens?.input, b.tokens?.input),
        output: sum(a.tokens?.output, b.tokens?.output),
        cache_read: sum(a.tokens?.cache_read, b.tokens?.cache_read),
        cache_write: sum(a.tokens?.cache_write, b.tokens?.cache_write),
      },
    }),
  };
}

/** How many attempts at this blob counted as a try. An edited task starts from zero. */
export function countTries(history: readonly AttemptEntry[], blob: string): number {
  return history
    .filter((entry) => entry.task === blob && OUTCOMES[entry.outcome].counted)
    .reduce((sum, entry) => sum + (entry.count ?? 1), 0);
}

/** The number of the attempt after these, from 1. */
export function nextAttempt(history: readonly AttemptEntry[]): number {
  return history.reduce((highest, entry) => Math.max(highest, entry.attempt), 0) + 1;
}

/** The last attempts, without a break, at this blob and with one of these outcomes; oldest first. */
export function lastInARow(history: readonly AttemptEntry[], blob: string, outcomes: readonly string[]): AttemptEntry[] {
  const run: AttemptEntry[] = [];
  for (const entry of [...history].reverse()) {
    if (entry.task !== blob || !outcomes.includes(entry.outcome)) break;
    run.unshift(entry);
  }
  return run;
}

function startOfRun(history: readonly AttemptEntry[], entry: AttemptEntry): number {
  if (OUTCOMES[entry.outcome].counted) return history.length;
  return history.length - lastInARow(history, entry.task, [entry.outcome]).length;
}

function isAlike(a: AttemptEntry, b: AttemptEntry): boolean {
  return a.worker === b.worker && a.agent === b.agent;
}
