import { describe, expect, it } from 'vitest';
import { OUTCOMES } from './outcomes.ts';

describe('the table of outcomes', () => {
  it('says for every outcome whether it counts and what is done about it', () => {
    expect(Object.entries(OUTCOMES).map(([outcome, { counted, remedy }]) => [outcome, counted, remedy])).toEqual([
      ['done', false, 'record-done'],
      ['failed', true, 'retry-later'],
      ['timed-out', true, 'retry-resumed'],
      ['stalled', true, 'retry-resumed'],
      ['rate-limited', false, 'wait-for-limit'],
      ['unavailable', false, 'wait-for-service'],
      ['auth', false, 'wait-for-login'],
      ['refused', true, 'record-failed'],
      ['over-budget', true, 'record-failed'],
      ['blocked', false, 'record-failed'],
      ['lost', true, 'retry-lost'],
      ['stopped', false, 'retry-at-once'],
      ['cancelled', false, 'record-cancelled'],
      ['fenced', false, 'drop'],
    ]);
  });
});
