// In the place of Node's timers: the global ones and `node:timers/promises`, in virtual time.
import type { Alarm } from '../scheduler.ts';
import { scheduler } from './stage.ts';

export function setTimeout(ms = 0): Promise<void> {
  return scheduler().sleep(ms);
}

interface Timer {
  alarm: Alarm;
  unref(): Timer;
  ref(): Timer;
}

function timer(alarm: Alarm): Timer {
  const made: Timer = { alarm, unref: () => made, ref: () => made };
  return made;
}

/** Puts virtual time, and chance from the seed, in the place of the process's own, for good. */
export function takeOverTime(): void {
  const globals = globalThis as unknown as { [name: string]: unknown };
  globals.setTimeout = (act: () => void, ms = 0): Timer => timer(scheduler().after(ms, act));
  globals.setInterval = (act: () => void, ms: number): Timer => {
    const again = (): void => {
      made.alarm = scheduler().after(ms, again);
      act();
    };
    const made = timer(scheduler().after(ms, again));
    return made;
  };
  Math.random = () => scheduler().random();
  Date.now = () => scheduler().nowMs;
  const clear = (made?: Timer): void => made?.alarm.cancel();
  globals.clearTimeout = clear;
  globals.clearInterval = clear;
}
