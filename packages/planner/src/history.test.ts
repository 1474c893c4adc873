import type { AttemptEntry } from '@errand/task';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendAttempt, countTries, nextAttempt } from './history.ts';
import { OUTCOMES } from './outcomes.ts';
import { buildEntry } from './rig/worlds.ts';

const limited = (attempt: number, changes: Partial<AttemptEntry> = {}) => buildEntry('rate-limited', { attempt, ...changes });

describe('the history of a task', () => {
  it('makes equal uncounted attempts in a row one entry with a count, from the first start to the last end', () => {
    const first = limited(1, { started_at: '2026-11-20T08:00:00Z', ended_at: '2026-11-20T08:00:01Z' });
    const second = limited(2, { started_at: '2026-11-20T08:15:00Z', ended_at: '2026-11-20T08:15:01Z' });
    const history = [first, second, limited(3)].reduce<AttemptEntry[]>(appendAttempt, []);
    expect(history).toEqual([{ ...limited(3), started_at: '2026-11-20T08:00:00Z', count: 3 }]);
  });

  it('keeps counted attempts apart, however equal they are', () => {
    const failed = buildEntry('failed');
    expect(appendAttempt([failed], { ...failed, attempt: 2 })).toHaveLength(2);
  });

  it('keeps uncounted attempts apart that a counted one lies between', () => {
    const history = [limited(1), buildEntry('failed', { attempt: 2 }), limited(3)].reduce<AttemptEntry[]>(appendAttempt, []);
    expect(history).toHaveLength(3);
  });

  it('keeps the attempts at another blob, with another agent or with another outcome apart', () => {
    for (const other of [{ task: 'other' }, { agent: 'claude' }, { outcome: 'unavailable' as const }]) {
      expect(appendAttempt([limited(1)], { ...limited(2), ...other })).toHaveLength(2);
    }
  });

  it('stays as long as there are machines when they take turns at being limited', () => {
    const turns = Array.from({ length: 100 }, (_, index) => limited(index + 1, { worker: index % 2 === 0 ? 'pi' : 'laptop' }));
    const history = turns.reduce<AttemptEntry[]>(appendAttempt, []);
    expect(history.map(({ worker, count, attempt }) => [worker, count, attempt])).toEqual([
      ['pi', 50, 99],
      ['laptop', 50, 100],
    ]);
  });

  it('counts the tries at one blob only, and only what counts', () => {
    const history = [
      buildEntry('failed'),
      buildEntry('failed', { task: 'old' }),
      limited(3),
      buildEntry('lost'),
      buildEntry('stopped'),
    ];
    expect(countTries(history, 'blob')).toBe(2);
    expect(countTries(history, 'edited')).toBe(0);
  });

  it('numbers the next attempt after the highest, counted or not', () => {
    expect(nextAttempt([])).toBe(1);
    expect(nextAttempt([buildEntry('failed', { attempt: 1 }), limited(7)])).toBe(8);
  });

  it('loses no attempt, changes no try and stays in order, whatever comes', () => {
    const outcomes = Object.keys(OUTCOMES) as AttemptEntry['outcome'][];
    const entry = fc.record({
      outcome: fc.constantFrom(...outcomes),
      worker: fc.constantFrom('pi', 'laptop'),
      task: fc.constantFrom('blob', 'other'),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (ended) => {
        const entries = ended.map((one, index) => buildEntry(one.outcome, { ...one, attempt: index + 1 }));
        const history = entries.reduce<AttemptEntry[]>(appendAttempt, []);
        expect(history.reduce((sum, one) => sum + (one.count ?? 1), 0)).toBe(entries.length);
        expect(countTries(history, 'blob')).toBe(countTries(entries, 'blob'));
        expect(nextAttempt(history)).toBe(entries.length + 1);
        expect(history.map(({ attempt }) => attempt)).toEqual(history.map(({ attempt }) => attempt).sort((a, b) => a - b));
      }),
    );
  });
});
