import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RunClock } from './run-clock.ts';

describe('the clock of an attempt', () => {
  test('asks to be looked at no later than the next limit', () => {
    const clock = new RunClock({ wallMs: 5_000, idleMs: 300 }, 0);
    expect(clock.look(0)).toEqual({ over: false, lookInMs: 300 });
    clock.noteOutput(200);
    expect(clock.look(400)).toEqual({ over: false, lookInMs: 100 });
    expect(clock.look(500)).toEqual({ over: true, why: 'stalled' });
  });

  test('is over when the time is up, however much is printed', () => {
    const clock = new RunClock({ wallMs: 900, idleMs: null }, 0);
    clock.look(0);
    clock.noteOutput(899);
    expect(clock.look(899)).toEqual({ over: false, lookInMs: 1 });
    expect(clock.look(900)).toEqual({ over: true, why: 'timed-out' });
  });

  test('does not count the time while it is frozen', () => {
    const clock = new RunClock({ wallMs: 900, idleMs: 500 }, 0);
    clock.freeze(400);
    clock.thaw(1_000_000);
    expect(clock.look(1_000_050)).toEqual({ over: false, lookInMs: 50 });
  });

  test('does not count a sleep of the machine', () => {
    const clock = new RunClock({ wallMs: 60_000, idleMs: null }, 0);
    clock.look(0);
    expect(clock.look(8 * 3_600_000)).toEqual({ over: false, lookInMs: 1_000 });
    expect(clock.spentMs(8 * 3_600_000 + 500)).toBe(1_500);
  });

  test('counts a look that load made late', () => {
    const clock = new RunClock({ wallMs: 4_000, idleMs: null }, 0);
    clock.look(0);
    expect(clock.look(4_500)).toEqual({ over: true, why: 'timed-out' });
  });

  test('never ends an attempt before its time, and always in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 60 }),
        (wallMs, gaps) => {
          const clock = new RunClock({ wallMs, idleMs: null }, 0);
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            expect(clock.look(now).over).toBe(now >= wallMs);
            if (now >= wallMs) return;
          }
        },
      ),
    );
  });
});
