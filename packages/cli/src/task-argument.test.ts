import { expect, test } from 'vitest';
import { readTaskId } from './task-argument.ts';

test.each([
  ['uptime', 'uptime'],
  ['tasks/uptime.md', 'uptime'],
  ['./tasks/uptime.md', 'uptime'],
  ['/home/me/queue/tasks/uptime.md', 'uptime'],
  ['results/2026-11-20/uptime.md', 'uptime'],
  ['results/uptime.md', 'results/uptime.md'],
  ['uptime.md', 'uptime.md'],
  ['mytasks/uptime.md', 'mytasks/uptime.md'],
])('%s names the task %s', (argument, id) => {
  expect(readTaskId(argument)).toBe(id);
});
