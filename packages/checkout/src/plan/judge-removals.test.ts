import { expect, test } from 'vitest';
import { judgeRemovals, MAX_REMOVALS } from './judge-removals.ts';

const folder = { isThere: true, committed: 50, othersMissing: [] };

test('a few files that are gone among others are tasks that somebody cancels', () => {
  expect(judgeRemovals(0, { ...folder, isThere: false })).toBeNull();
  expect(judgeRemovals(1, { ...folder, committed: 1 })).toBeNull();
  expect(judgeRemovals(MAX_REMOVALS, folder)).toBeNull();
});

test.each([
  ['folder-gone', 1, { ...folder, isThere: false }],
  ['others-gone', 1, { ...folder, othersMissing: ['tasks/.gitkeep'] }],
  ['all-gone', 2, { ...folder, committed: 2 }],
  ['too-many', MAX_REMOVALS + 1, folder],
] as const)('%s: what looks like a folder that went away is doubted', (doubt, removed, seen) => {
  expect(judgeRemovals(removed, seen)).toBe(doubt);
});
