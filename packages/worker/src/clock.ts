import { readFileSync } from 'node:fs';
import type { Clock } from '@errand/planner';

/** The machine's clock. Elapsed time includes suspend: on Linux it is `/proc/uptime` (resolution 10 ms). */
export function systemClock(): Clock {
  return { wallMs: () => Date.now(), elapsedMs: readUptime() === null ? () => performance.now() : () => readUptime() ?? performance.now() };
}

function readUptime(): number | null {
  try {
    return Math.round(Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]) * 1000);
  } catch {
    return null;
  }
}
