import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noObservations, type Observations } from './observations.ts';
import { AGEING_STEP_MS, orderTasks, type RankedTask, raisePriority } from './order.ts';
import { buildTask, NINE, nine, watch } from './rig/worlds.ts';

const seenAt = (times: { [id: string]: number }): Observations => ({ ...noObservations, tasks: new Map(Object.entries(times)) });
const ids = (ranked: readonly RankedTask[]) => ranked.map(({ file }) => file.id);
const everyOne = () => true;

describe('the order of tasks', () => {
  it('goes by priority, 0 first', () => {
    const files = [buildTask('a', { priority: 9 }), buildTask('b', { priority: 0 }), buildTask('c')];
    expect(ids(orderTasks(files, noObservations, nine, everyOne))).toEqual(['b', 'c', 'a']);
  });

  it('goes by the longest wait within one priority, then by id', () => {
    const files = [buildTask('c'), buildTask('b'), buildTask('a')];
    const now = { wallMs: NINE, elapsedMs: 5000 };
    expect(ids(orderTasks(files, seenAt({ a: 2000, b: 2000, c: 1000 }), now, everyOne))).toEqual(['c', 'a', 'b']);
  });

  it('raises a task by one priority for every ten minutes that it waits', () => {
    expect(raisePriority(9, AGEING_STEP_MS - 1)).toBe(9);
    expect(raisePriority(9, AGEING_STEP_MS)).toBe(8);
    expect(raisePriority(2, 100 * AGEING_STEP_MS)).toBe(0);
  });

  it('starves nothing: after 90 minutes the least urgent task goes before an urgent one just filed', () => {
    const files = [buildTask('urgent', { priority: 0 }), buildTask('patient', { priority: 9 })];
    const now = { wallMs: NINE, elapsedMs: 9 * AGEING_STEP_MS };
    expect(ids(orderTasks(files, seenAt({ patient: 0, urgent: now.elapsedMs }), now, everyOne))).toEqual(['patient', 'urgent']);
  });

  it('does not count the time before `not_before` as waiting', () => {
    const files = [buildTask('nightly', { priority: 5, notBefore: NINE }), buildTask('z', { priority: 5 })];
    const now = { wallMs: NINE, elapsedMs: 9 * AGEING_STEP_MS };
    expect(ids(orderTasks(files, seenAt({ nightly: 0, z: now.elapsedMs - 1 }), now, everyOne))).toEqual(['z', 'nightly']);
  });

  it('puts those that are its own first among tasks that came together, and no later one before an older', () => {
    const files = [buildTask('a'), buildTask('b'), buildTask('c')];
    const now = { wallMs: NINE, elapsedMs: 5000 };
    const ownsC = ({ id }: { id: string }) => id === 'c';
    expect(ids(orderTasks(files, seenAt({ a: 2000, b: 2000, c: 2000 }), now, ownsC))).toEqual(['c', 'a', 'b']);
    expect(ids(orderTasks(files, seenAt({ a: 1000, b: 2000, c: 2000 }), now, ownsC))).toEqual(['a', 'c', 'b']);
  });

  it('is total: the same for every order of the same tasks', () => {
    const file = fc.record({ priority: fc.integer({ min: 0, max: 9 }), seen: fc.integer({ min: 0, max: 3 }) });
    const own = fc.constantFrom('t0', 't1', 'none');
    fc.assert(
      fc.property(fc.array(file, { maxLength: 12 }), own, fc.infiniteStream(fc.nat()), (files, mine, noise) => {
        const built = files.map(({ priority }, index) => buildTask(`t${index}`, { priority }));
        const observations = seenAt(Object.fromEntries(files.map(({ seen }, index) => [`t${index}`, seen * AGEING_STEP_MS])));
        const isOwn = ({ id }: { id: string }) => id === mine;
        const now = { wallMs: NINE, elapsedMs: 3 * AGEING_STEP_MS };
        const shuffled = built
          .map((one) => ({ one, at: noise.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(ids(orderTasks(shuffled, observations, now, isOwn))).toEqual(ids(orderTasks(built, observations, now, isOwn)));
      }),
    );
  });

  it('keeps a task’s place through an edit', () => {
    const { view, observations } = watch([0, 1000], (_, index) => ({
      tasks: new Map([['a', buildTask('a', {}, `blob-${index}`)], ...(index === 1 ? [['b', buildTask('b')] as const] : [])]),
    }));
    expect(
      ids(orderTasks([...view.tasks.values()].reverse(), observations, { wallMs: NINE, elapsedMs: 1000 }, everyOne)),
    ).toEqual(['a', 'b']);
  });
});
