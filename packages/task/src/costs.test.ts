import { expect, test } from 'vitest';
import { formatCost, sumCosts } from './costs.ts';
import type { AttemptEntry } from './outcome.ts';

const attempt: AttemptEntry = { attempt: 1, worker: 'pi', agent: 'claude', ended_at: '', outcome: 'failed', task: 'b' };

test('the cost of attempts is that of all which say theirs', () => {
  expect(sumCosts([{ ...attempt, cost_usd: 0.5 }, attempt, { ...attempt, cost_usd: 0.25 }])).toEqual({
    usd: 0.75,
    estimated: false,
  });
});

test('a sum is estimated where a part of it is', () => {
  const attempts = [
    { ...attempt, cost_usd: 0.5, cost_estimated: true as const },
    { ...attempt, cost_usd: 0.25 },
  ];
  expect(sumCosts(attempts)).toEqual({ usd: 0.75, estimated: true });
});

test('attempts that say nothing have no cost, which is not the same as a cost of nothing', () => {
  expect(sumCosts([])).toBeNull();
  expect(sumCosts([attempt])).toBeNull();
  expect(sumCosts([{ ...attempt, cost_usd: 0 }])).toEqual({ usd: 0, estimated: false });
});

test.each([
  [0.0421, false, '$0.04'],
  [0.0421, true, '~$0.04'],
  [12.5, false, '$12.50'],
  [0.0049, false, '<$0.01'],
  [0.0049, true, '<$0.01'],
  [0.005, false, '$0.01'],
  [0, false, '$0.00'],
])('%d (estimated: %s) is %s', (usd, estimated, text) => {
  expect(formatCost({ usd, estimated })).toBe(text);
});
