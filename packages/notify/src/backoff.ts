/** How long to wait after a failure: the first wait, and the longest. */
export interface Backoff {
  firstMs: number;
  longestMs: number;
}

/** Milliseconds to wait after so many failures in a row (1 or more): doubling, with up to half as much again by chance. */
export function backoffMs(failures: number, { firstMs, longestMs }: Backoff, random: () => number): number {
  // Jitter stays at the far end too, so that many machines do not come back as one.
  const base = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), (longestMs * 2) / 3);
  return Math.round(base * (1 + random() / 2));
}
