import type { Now } from './plan-input.ts';
import type { View } from './view.ts';
import type { Waiting } from './waiting.ts';

/** How much of the half ttl an observer uses between two views, so that a slow fetch does not start its clock again. */
const SAFE_SHARE = 0.8;
/** However short a ttl somebody announces. */
const SHORTEST_POLL_MS = 500;

/** The elapsed time in milliseconds when the first of these waits is over by itself, or null where time ends none. */
export function nextWake(waits: Iterable<Waiting>, now: Now): number | null {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { until, dueAt } of waits) {
    if (until !== undefined) earliest = Math.min(earliest, now.elapsedMs + Math.max(0, until - now.wallMs));
    if (dueAt !== undefined) earliest = Math.min(earliest, dueAt);
  }
  return Number.isFinite(earliest) ? Math.max(now.elapsedMs, earliest) : null;
}

/**
 * The longest pause in milliseconds between two fetches with which this machine can still judge the owners of the claims it
 * sees: under half the shortest ttl. Null where nobody else's claim is in the view.
 */
export function longestPollMs(view: View, machine: string): number | null {
  let shortest = Number.POSITIVE_INFINITY;
  for (const { value } of view.records.values()) {
    if (value.state !== 'claimed' || value.worker === machine) continue;
    shortest = Math.min(shortest, (view.workers.get(value.worker)?.value.ttl_s ?? 180) * 1000);
  }
  return Number.isFinite(shortest) ? Math.max(SHORTEST_POLL_MS, (shortest / 2) * SAFE_SHARE) : null;
}
