import { formatCost, sumCosts } from './costs.ts';
import { formatDuration } from './durations.ts';
import type { Result } from './result.ts';
import { shorten } from './title.ts';

const MAX_SUBJECT_CHARS = 100;

/**
 * The line that tells people of a result in the branch's history: `done: fix-login (sonnet, 3m 12s, $0.04) on pi`. Tier and
 * time are those of the last attempt, the cost is that of all.
 */
export function resultSubject(result: Result): string {
  const last = result.attempts.at(-1);
  if (last === undefined) return shorten(`${result.state}: ${result.id}`, MAX_SUBJECT_CHARS);
  const tookMs = last.started_at === undefined ? Number.NaN : Date.parse(last.ended_at) - Date.parse(last.started_at);
  const cost = sumCosts(result.attempts);
  const details = [
    last.tier ?? last.model,
    tookMs >= 0 ? formatDuration(tookMs) : undefined,
    cost === null ? undefined : formatCost(cost),
  ].filter((detail) => detail !== undefined);
  const how = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return shorten(`${result.state}: ${result.id}${how} on ${last.worker}`, MAX_SUBJECT_CHARS);
}
