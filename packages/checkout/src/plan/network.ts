/*
 * The way to the remote has one lane of its own, so that a remote that hangs never holds up a commit.
 *
 *            fetch is due                    a commit waits
 *   fetching ◀──────────── idle ──────────────────────▶ pushing
 *      │                   ▲  ▲                            │
 *      ├───── answered ────┘  └── taken, moved, refused ───┤
 *      │                                                   │
 *      └───── no answer ─────▶ away ◀────── no answer ─────┘
 *                               │ ▲
 *                   retry is due▼ │ no answer
 *                             fetching ── answered ──▶ idle
 */
export type Network =
  | { is: 'idle'; fetchDueMs: number; fetchedMs: number | null }
  | { is: 'fetching'; sinceMs: number; failures: number; cause: string | null }
  | { is: 'pushing'; sinceMs: number; commit: string }
  | { is: 'away'; failures: number; retryMs: number; cause: string };

/** How a fetch ended. */
export type FetchEnd = { ok: true } | { ok: false; cause: string };

/**
 * How a push ended: the remote took it, its branch had moved, it refused this commit, or nobody knows: then the next fetch
 * shows it.
 */
export type PushEnd = { how: 'taken' } | { how: 'moved' } | { how: 'refused'; cause: string } | { how: 'unknown'; cause: string };

/** What keeps a push from being tried again at once. */
export interface PushPause {
  failures: number;
  notBeforeMs: number;
  /** The commit that the remote refused, and its words. */
  refused: { commit: string; cause: string } | null;
}

export const NO_PAUSE: PushPause = { failures: 0, notBeforeMs: 0, refused: null };

const AWAY = { firstMs: 2_000, longestMs: 120_000 };
const REFUSED = { firstMs: 10_000, longestMs: 900_000 };
const MOVED = { firstMs: 100, longestMs: 5_000 };

export interface Timing {
  nowMs: number;
  intervalMs: number;
  random: () => number;
}

/** The lane after a fetch. */
export function afterFetch(network: Network, end: FetchEnd, { nowMs, intervalMs, random }: Timing): Network {
  if (end.ok) return { is: 'idle', fetchDueMs: nowMs + intervalMs, fetchedMs: nowMs };
  const failures = (network.is === 'fetching' || network.is === 'away' ? network.failures : 0) + 1;
  return { is: 'away', failures, retryMs: nowMs + backoffMs(failures, AWAY, random), cause: end.cause };
}

/** The lane after a push, and what the next one has to wait for. Whatever was not taken is settled by a fetch. */
export function afterPush(
  network: Network,
  pause: PushPause,
  end: PushEnd,
  timing: Timing,
): { network: Network; pause: PushPause } {
  const { nowMs, intervalMs, random } = timing;
  const commit = network.is === 'pushing' ? network.commit : '';
  const failures = pause.failures + 1;
  const look: Network = { is: 'idle', fetchDueMs: nowMs, fetchedMs: null };
  switch (end.how) {
    case 'taken':
      return { network: { is: 'idle', fetchDueMs: nowMs + intervalMs, fetchedMs: nowMs }, pause: NO_PAUSE };
    case 'moved':
      return { network: look, pause: { failures, notBeforeMs: nowMs + backoffMs(failures, MOVED, random), refused: null } };
    case 'refused': {
      const notBeforeMs = nowMs + backoffMs(failures, REFUSED, random);
      return { network: look, pause: { failures, notBeforeMs, refused: { commit, cause: end.cause } } };
    }
    case 'unknown':
      return { network: afterFetch(network, { ok: false, cause: end.cause }, timing), pause };
  }
}

/** Milliseconds to wait after so many failures in a row (1 or more): doubling, with up to half as much again by chance. */
export function backoffMs(
  failures: number,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
  random: () => number,
): number {
  const base = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), (longestMs * 2) / 3);
  return Math.round(base * (1 + random() / 2));
}
