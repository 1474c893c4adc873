import { expect, test } from 'vitest';
import { nearestOf } from './nearest.ts';

const keys = ['title', 'machine', 'needs', 'agent', 'model', 'priority', 'depends_on', 'timeout', 'retries', 'not_before'];

test.each([
  ['timeot', 'timeout'],
  ['Timeout', 'timeout'],
  ['dependsOn', 'depends_on'],
  ['depends-on', 'depends_on'],
  ['prioirty', 'priority'],
  ['machines', 'machine'],
  ['retry', null],
  ['colour', null],
  ['x', null],
])('%s is nearest to %s', (word, nearest) => {
  expect(nearestOf(word, keys)).toBe(nearest);
});
