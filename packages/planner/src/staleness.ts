import type { Heartbeat } from '@errand/task';
import type { Observations } from './observations.ts';
import { isUnreadable } from './unreadable.ts';
import type { View } from './view.ts';

/**
 * What an observer holds of a worker.
 *
 *            beats                    stands still for its ttl
 *   absent ───────▶ live ─────────────────────────────────────▶ stale
 *                   │  ▲ beats again, or the observer had a gap   │
 *        clean exit │  └──────────────────────────────────────────┤
 *                   ▼                                    rescued  ▼
 *                stopped                                      tombstone
 */
export type WorkerState = 'live' | 'stopped' | 'stale' | 'tombstone' | 'absent';

/**
 * The state of a machine's worker in the last view observed. `absent` says nothing about for how long: see `stoodStillFor`.
 * A heartbeat that this version cannot read is taken for live: it was written by a newer one.
 */
export function workerState(observations: Observations, view: View, machine: string): WorkerState {
  const held = view.workers.get(machine);
  if (held === undefined) return isUnreadable(view, 'workers', machine) ? 'live' : 'absent';
  switch (held.value.state) {
    case 'stopped':
      return 'stopped';
    case 'tombstone':
      return 'tombstone';
    case 'running': {
      const { ms, ttlMs } = stoodStillFor(observations, machine);
      return ms >= ttlMs ? 'stale' : 'live';
    }
  }
}

/** For how many milliseconds of unbroken watching a worker's ref (or its absence) has not changed, and its ttl. */
export function stoodStillFor(observations: Observations, machine: string): { ms: number; ttlMs: number } {
  const watch = observations.workers.get(machine);
  if (watch === undefined || observations.last === null) return { ms: 0, ttlMs: Number.POSITIVE_INFINITY };
  return { ms: observations.last.at - watch.since, ttlMs: watch.ttlMs };
}

/** The machines whose workers are live, by name. */
export function liveMachines(observations: Observations, view: View): string[] {
  return [...view.workers.keys()].filter((machine) => workerState(observations, view, machine) === 'live').sort();
}

/** For display only, since it trusts two wall clocks: a running worker whose heartbeat is younger than its ttl. */
export function isOnline(heartbeat: Heartbeat, wallMs: number): boolean {
  return heartbeat.state === 'running' && wallMs - Date.parse(heartbeat.at) < heartbeat.ttl_s * 1000;
}
