import { expect, test } from 'vitest';
import { describeEvent } from './worker-lines.ts';

test('what a worker quotes of others is in its one line and steers no terminal', () => {
  const problem = { path: 'tasks/a\u001b[2J.md', line: 1, column: 1, code: 'bad-id', message: 'no\u202eid', hint: 'Rename it.' };
  expect(describeEvent({ type: 'invalid', path: 'tasks/a.md', blob: 'b', problems: [problem, problem] }, false)).toBe(
    'invalid: tasks/a.md:1:1: bad-id: noid Rename it.; tasks/a.md:1:1: bad-id: noid Rename it.',
  );
  expect(describeEvent({ type: 'prepared', id: 'a\u009b2J', attempt: 1, cwd: '/work/a\nb' }, true)).toBe(
    'a: prepared in /work/a b',
  );
});
