import { readFileSync } from 'node:fs';
import type { Clock } from '@errand/planner';

/**
 * Milliseconds from an arbitrary start, never going back, suspend included: on Linux since the machine booted,
 * to 10 ms; elsewhere Node's own monotonic clock, which counts suspend where the system offers it.
 */
export function readElapsedMs(): number {
  if (process.platform === 'linux') {
    try {
      return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1_000;
    } catch {
      // No /proc: the monotonic clock is all there is.
    }
  }
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** The clock of the machine. */
export const machineClock: Clock = { wallMs: () => Date.now(), elapsedMs: readElapsedMs };
