import { expect, test } from 'vitest';
import type { TaskLine } from '../status-report.ts';
import type { TaskNews } from './follow-task.ts';
import { describeNews } from './news-lines.ts';

const TASK: TaskLine = {
  id: 'a',
  path: 'tasks/a.md',
  title: 'a',
  state: 'running',
  reason: 'runs on `pi`',
  machine: 'any',
  tier: 'sonnet',
  attempt: 2,
  worker: 'pi',
  started_at: null,
};
const CAUSE = { kind: 'unreachable', message: 'no route\nto host' } as const;

test.each<[TaskNews, string]>([
  [{ type: 'state', task: TASK, isCommand: false }, 'running: runs on `pi` (attempt 2, sonnet)'],
  [{ type: 'state', task: TASK, isCommand: true }, 'running: runs on `pi` (attempt 2)'],
  [{ type: 'state', task: { ...TASK, tier: null }, isCommand: false }, 'running: runs on `pi` (attempt 2)'],
  [{ type: 'state', task: { ...TASK, state: 'waiting', reason: 'on hold' }, isCommand: false }, 'waiting: on hold'],
  [
    { type: 'state', task: { ...TASK, state: 'waiting', reason: 'failed: \u001b[2Jat once' }, isCommand: false },
    'waiting: failed: at once',
  ],
  [{ type: 'being-cancelled', worker: 'pi' }, 'its file was removed: `pi` ends the attempt'],
  [{ type: 'unsent', cause: CAUSE }, 'unsent: kept on this machine until the queue takes it: no route to host'],
  [{ type: 'away', cause: CAUSE }, 'the queue does not answer, waiting goes on: no route to host'],
  [{ type: 'back' }, 'the queue answers again'],
  [{ type: 'renamed', id: 'a-1f2e' }, 'another task took the id first: this one is a-1f2e'],
])('%j is told as one line', (news, line) => {
  expect(describeNews(news)).toBe(line);
});

test('what an attempt says is told elsewhere', () => {
  expect(describeNews({ type: 'log', nonce: 'n', lines: ['x'] })).toBeNull();
});
