import { expect, test } from 'vitest';
import { resultPath, taskIdOfPath, taskIdOfResultPath, taskPath } from './paths.ts';

test('a task and its path name each other', () => {
  expect(taskPath('fix-login')).toBe('tasks/fix-login.md');
  expect(taskIdOfPath('tasks/fix-login.md')).toBe('fix-login');
});

test('a result is filed under the UTC day on which the task ended', () => {
  expect(resultPath('a', '2026-11-20T23:30:00-02:00')).toBe('results/2026-11-21/a.md');
  expect(taskIdOfResultPath('results/2026-11-21/a.md')).toBe('a');
});

test.each([
  'tasks/README.md',
  'tasks/readme.md',
  'tasks/.gitkeep',
  'tasks/.hidden.md',
  'tasks/.#x.md',
  'tasks/x.md~',
  'tasks/#x.md#',
  'tasks/.x.md.swp',
  'tasks/x.txt',
  'tasks/x.md.orig',
  'tasks/drafts/x.md',
  'tasks/.md',
  'results/2026-11-20/x.md',
  'x.md',
])('%s is not a task', (path) => {
  expect(taskIdOfPath(path)).toBeNull();
});

test('a file that somebody meant as a task is not ignored for its name', () => {
  expect(taskIdOfPath('tasks/Fix Login.md')).toBe('Fix Login');
});

test.each(['results/a.md', 'results/2026-11-20/.a.md', 'results/2026-11-20/b/a.md', 'results/today/a.md', 'tasks/a.md'])(
  '%s is not a result',
  (path) => {
    expect(taskIdOfResultPath(path)).toBeNull();
  },
);
