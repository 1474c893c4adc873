import { expect, test } from 'vitest';
import { describeFailure, fail, failByProblems, failureJson } from './failure.ts';

const problem = (line: number) => ({
  path: 'a.md',
  line,
  column: 2,
  code: 'bad-thing',
  message: `bad on ${line}`,
  hint: 'Mend it.',
});

test('a failure says what happened, and on the next line what to do', () => {
  expect(describeFailure(fail('usage', 'x', 'it broke', 'Mend it.').failure)).toBe('errand: it broke\n  Mend it.\n');
});

test('every problem of a file is told with its place', () => {
  const { failure } = failByProblems('configuration', [problem(1), problem(3)]);
  expect(describeFailure(failure)).toBe('a.md:1:2: bad-thing: bad on 1\n  Mend it.\na.md:3:2: bad-thing: bad on 3\n  Mend it.\n');
});

test('as JSON a failure has every key, and null where there is nothing to say', () => {
  expect(failureJson(fail('usage', 'x', 'it broke').failure)).toEqual({
    schema: 1,
    error: { code: 'x', message: 'it broke', file: null, line: null, column: null, hint: null },
  });
  expect(failureJson(failByProblems('usage', [problem(3)]).failure)).toEqual({
    schema: 1,
    error: { code: 'bad-thing', message: 'bad on 3', file: 'a.md', line: 3, column: 2, hint: 'Mend it.' },
  });
});
