import { expect, test } from 'vitest';
import { renderTaskReport } from './render-task-report.ts';
import type { TaskReport } from './task-report.ts';

const WIDE = { colour: false, columns: Number.POSITIVE_INFINITY };
const REPORT: TaskReport = {
  schema: 1,
  id: 'fix-login',
  path: 'results/2026-11-20/fix-login.md',
  title: 'Fix the login',
  state: 'done',
  reason: 'finished',
  machine: 'pi',
  worker: 'pi',
  started_at: null,
  attempts: [
    {
      attempt: 1,
      worker: 'pi',
      agent: 'command',
      tier: 'haiku',
      ended_at: '2026-11-20T09:00:00.123Z',
      outcome: 'failed',
      task: 'b',
    },
    {
      attempt: 2,
      worker: 'pi',
      agent: 'claude',
      model: 'claude-sonnet',
      tier: 'sonnet',
      started_at: '2026-11-20T09:06:48Z',
      ended_at: '2026-11-20T09:10:00Z',
      outcome: 'done',
      cost_usd: 0.0421,
      turns: 12,
      tokens: { input: 1_000, output: 50, cache_read: 9_000, cache_write: 100 },
      session: '5f0c',
      branch: 'errand/fix-login/2',
      commits: ['1'.repeat(40), '2'.repeat(40)],
      task: 'b',
    },
  ],
  kept: [],
  machines: [],
  problems: [],
  text: null,
  result: null,
};

test('an attempt tells what it spent, its session and what it made, where there is any of it', () => {
  const lines = renderTaskReport(REPORT, WIDE).split('\n');
  const at = lines.indexOf('Attempts');
  expect(lines.slice(at + 1, -1)).toEqual([
    '  1. 2026-11-20 09:00:00 UTC on pi: failed  command',
    '  2. 2026-11-20 09:10:00 UTC after 3m 12s on pi: done  claude, sonnet',
    '     claude-sonnet: $0.04, 12 turns, 10,100 tokens in, 50 out',
    '     session 5f0c',
    '     branch errand/fix-login/2: 1111111111 2222222222',
  ]);
});

test('one turn is not several, and an estimate says so', () => {
  const [first] = REPORT.attempts;
  if (!first) throw new Error('there is an attempt');
  const attempts = [{ ...first, cost_usd: 1, cost_estimated: true as const, turns: 1 }];
  expect(renderTaskReport({ ...REPORT, attempts }, WIDE)).toContain('     ~$1.00, 1 turn\n');
});

test('what only this machine has is told with the attempt that made it, and why it was not recorded', () => {
  const ended = { attempt: 1, worker: 'pi', ended_at: '2026-11-20T09:00:00Z' };
  const kept: TaskReport['kept'] = [
    { path: '/kept/a.1.md', attempt: { ...ended, outcome: 'done' } },
    { path: '/kept/a.2.md', attempt: { ...ended, outcome: 'fenced', cause: 'nothing is recorded' } },
    { path: '/kept/a.3.md', attempt: null },
  ];
  const lines = renderTaskReport({ ...REPORT, kept }, WIDE).split('\n');
  expect(lines.slice(lines.indexOf('Kept on this machine alone') + 1, -1)).toEqual([
    '  attempt 1 on pi, done at 2026-11-20 09:00:00 UTC: /kept/a.1.md',
    '  attempt 1 on pi, which had to stop at 2026-11-20 09:00:00 UTC: /kept/a.2.md',
    '     nothing is recorded',
    '  /kept/a.3.md',
  ]);
});

test('on a narrow terminal reasons and attempts go on in the next line, between words', () => {
  const [first] = REPORT.attempts;
  if (!first) throw new Error('there is an attempt');
  const attempts = [{ ...first, cause: 'the program ended with exit status 3, and said nothing' }];
  const reason = 'the last attempt failed, and there are no tries left';
  const machines = [{ name: 'pi', reason: 'waits for a free slot, all 1 are in use' }];
  const lines = renderTaskReport({ ...REPORT, attempts, reason, machines }, { colour: false, columns: 40 }).split('\n');
  expect(lines.filter((line) => line.length > 40)).toEqual([]);
  expect(lines.join(' ').replace(/ +/g, ' ')).toContain('exit status 3, and said nothing command');
});

test('what every machine says of a task that waits is said once; where one differs, each has its line', () => {
  const reason = 'on hold';
  const shown = (machines: TaskReport['machines']): string =>
    renderTaskReport({ ...REPORT, state: 'waiting', reason, attempts: [], machines }, WIDE);
  expect(shown([{ name: 'pi', reason }])).toMatch(/\nwaiting: on hold\n$/);
  expect(
    shown([
      { name: 'pi', reason },
      { name: 'vm', reason: null },
    ]),
  ).toMatch(/\nwaiting: on hold\n {2}pi: on hold\n {2}vm: takes it at its next look\n$/);
});
