import { readFileSync } from 'node:fs';
import type { Clock } from '@errand/planner';

/** The machine's clock. Elapsed time includes suspend: on Linux it is `/proc/uptime` (resolution 10 ms). */
export function systemClock(): Clock {
  if (readUptime() === null) return { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
  let last = readUptime() ?? 0;
  let lastAt = performance.now();
  const elapsedMs = (): number => {
    // A read that fails once (too many open files) must not make time jump.
    last = readUptime() ?? last + (performance.now() - lastAt);
    lastAt = performance.now();
    return last;
  };
  return { wallMs: () => Date.now(), elapsedMs };
}

function readUptime(): number | null {
  try {
    return Math.round(Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]) * 1000);
  } catch {
    return null;
  }
}
