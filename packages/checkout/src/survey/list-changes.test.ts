import { expect, test } from 'vitest';
import { listChanges } from './list-changes.ts';
import { parseStatus } from './parse-status.ts';

const changesOf = (...records: string[]) => listChanges(parseStatus(records.map((record) => `${record}\0`).join('')));
const ordinary = (letters: string, path: string): string => `1 ${letters} N... 100644 100644 100644 aaa bbb ${path}`;

test.each([
  ['? tasks/a.md', { kind: 'added', tracked: false, stagedOtherwise: false }],
  [ordinary('.A', 'tasks/a.md'), { kind: 'added', tracked: true, stagedOtherwise: false }],
  [ordinary('A.', 'tasks/a.md'), { kind: 'added', tracked: true, stagedOtherwise: false }],
  [ordinary('AM', 'tasks/a.md'), { kind: 'added', tracked: true, stagedOtherwise: true }],
  [ordinary('.M', 'tasks/a.md'), { kind: 'edited', tracked: true, stagedOtherwise: false }],
  [ordinary('M.', 'tasks/a.md'), { kind: 'edited', tracked: true, stagedOtherwise: false }],
  [ordinary('MM', 'tasks/a.md'), { kind: 'edited', tracked: true, stagedOtherwise: true }],
  [ordinary('.T', 'tasks/a.md'), { kind: 'edited', tracked: true, stagedOtherwise: false }],
  [ordinary('.D', 'tasks/a.md'), { kind: 'removed', tracked: true, stagedOtherwise: false }],
  [ordinary('D.', 'tasks/a.md'), { kind: 'removed', tracked: true, stagedOtherwise: false }],
  [ordinary('MD', 'tasks/a.md'), { kind: 'removed', tracked: true, stagedOtherwise: true }],
])('%s is one change', (record, change) => {
  expect(changesOf(record)).toEqual([{ path: 'tasks/a.md', id: 'a', ...change }]);
});

test('a file that was taken out of the index and is still there is left to the person', () => {
  expect(changesOf(ordinary('D.', 'tasks/a.md'), '? tasks/a.md')).toMatchObject([{ kind: 'edited', stagedOtherwise: true }]);
});

test('what was only ever staged, what is ignored and what is no task is no change', () => {
  const records = [ordinary('AD', 'tasks/a.md'), '! tasks/b.md', '? tasks/.c.md', '? tasks/README.md', '? tasks/d/e.md'];
  expect(changesOf(...records, '# branch.head main', '? tasks/f.md~')).toEqual([]);
});

test('a name may hold spaces', () => {
  expect(changesOf(ordinary('.M', 'tasks/two words.md'))).toMatchObject([{ path: 'tasks/two words.md', id: 'two words' }]);
});
