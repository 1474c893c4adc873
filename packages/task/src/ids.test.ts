import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTaskId, newTaskId, slugOf } from './ids.ts';

test.each(['a', '0', 'fix-login', 'a--b-', 'x'.repeat(80), 'con-1', 'com'])('%s is a task id', (id) => {
  expect(isTaskId(id)).toBe(true);
});

test.each(['', '-a', 'A', 'a_b', 'a.b', 'ä', 'a b', 'x'.repeat(81), 'a\n', 'con', 'nul', 'com1', 'lpt9', '../x'])(
  '%j is no task id',
  (id) => {
    expect(isTaskId(id)).toBe(false);
  },
);

test('a new id is made of the words of the title and a random suffix', () => {
  expect(newTaskId('Run the Eigent tests!', () => 0)).toBe('run-the-eigent-tests-2222');
  expect(newTaskId('Überprüfe die Größe', () => 0.999)).toBe('uberprufe-die-gro-e-zzzz');
});

test('a new id has whole words only, up to a length that fits a table', () => {
  const id = newTaskId('please have a look at all the tests of the whole project and report', () => 0);
  expect(id).toBe('please-have-a-look-at-all-the-tests-of-the-whole-2222');
});

test('a title without any letters still gives an id', () => {
  expect(newTaskId('…!?', () => 0)).toBe('task-2222');
});

test('every title gives a valid id with a suffix that cannot be misread', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (title, number) => {
        const id = newTaskId(title, () => number);
        expect(isTaskId(id)).toBe(true);
        expect(id).toMatch(/-[2-9a-hjkmnp-tv-z]{4}$/);
      },
    ),
  );
});

test('a misnamed file has a valid name nearby', () => {
  expect(slugOf('Fix Login (copy)')).toBe('fix-login-copy');
});
