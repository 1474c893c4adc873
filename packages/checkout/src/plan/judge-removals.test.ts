import { expect, test } from 'vitest';
import { judgeRemovals, MAX_REMOVALS } from './judge-removals.ts';

const folder = { isThere: true, committed: 50, othersMissing: [] };

const open = (count: number) => ({ all: count, open: count });

test('a few files that are gone among others are tasks that somebody cancels', () => {
  expect(judgeRemovals(open(0), { ...folder, isThere: false })).toBeNull();
  expect(judgeRemovals(open(1), { ...folder, committed: 1 })).toBeNull();
  expect(judgeRemovals(open(MAX_REMOVALS), folder)).toBeNull();
});

test.each([
  ['folder-gone', 1, { ...folder, isThere: false }],
  ['others-gone', 1, { ...folder, othersMissing: ['tasks/.gitkeep'] }],
  ['all-gone', 2, { ...folder, committed: 2 }],
  ['too-many', MAX_REMOVALS + 1, folder],
] as const)('%s: what looks like a folder that went away is doubted', (doubt, removed, seen) => {
  expect(judgeRemovals(open(removed), seen)).toBe(doubt);
});

test('files of finished tasks may go in any number, as long as the folder and all else in it stay', () => {
  expect(judgeRemovals({ all: 40, open: MAX_REMOVALS }, folder)).toBeNull();
  expect(judgeRemovals({ all: 50, open: 0 }, folder)).toBeNull();
  expect(judgeRemovals({ all: 50, open: 1 }, folder)).toBe('all-gone');
  expect(judgeRemovals({ all: 50, open: 0 }, { ...folder, isThere: false })).toBe('folder-gone');
});
