import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstByRendezvous, firstOf, rendezvousWeight } from './rendezvous.ts';
import { buildHeartbeat, watch, workers } from './rig/worlds.ts';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 8 });

describe('the first by rendezvous', () => {
  it('is one of the live machines, and none where nobody lives', () => {
    const all = [buildHeartbeat('pi', 'a'), buildHeartbeat('mac', 'b', { state: 'stopped' })];
    const { view, observations } = watch([0], () => ({ workers: workers(...all) }));
    for (const blob of ['x', 'y', 'z']) expect(firstByRendezvous(view, observations, blob)).toBe('pi');
    const nobody = watch([0], () => ({}));
    expect(firstByRendezvous(nobody.view, nobody.observations, 'x')).toBeNull();
  });

  it('is the same in whatever order the machines are seen', () => {
    fc.assert(
      fc.property(names, fc.string(), (machines, subject) => {
        expect(firstOf([...machines].reverse(), subject)).toBe(firstOf(machines, subject));
      }),
    );
  });

  it('stays the same when another machine goes', () => {
    fc.assert(
      fc.property(names, fc.string(), (machines, subject) => {
        const first = firstOf(machines, subject);
        for (const gone of machines.filter((machine) => machine !== first)) {
          expect(
            firstOf(
              machines.filter((machine) => machine !== gone),
              subject,
            ),
          ).toBe(first);
        }
      }),
    );
  });

  it('shares subjects out evenly', () => {
    const counts = new Map<string | null, number>();
    for (let index = 0; index < 3000; index++) {
      const first = firstOf(['pi', 'laptop', 'nas'], `blob-${index}`);
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(counts.size).toBe(3);
  });

  it('weighs the same for ever: machines of different versions must agree', () => {
    expect([rendezvousWeight('pi', 'blob'), rendezvousWeight('laptop', 'blob'), rendezvousWeight('', '')]).toEqual([
      4290746324, 4054126119, 91794203,
    ]);
  });
});
