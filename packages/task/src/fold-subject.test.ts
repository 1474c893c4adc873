import { expect, test } from 'vitest';
import { resultSubject } from './fold-subject.ts';
import type { AttemptEntry } from './outcome.ts';
import type { Result } from './result.ts';

const attempt: AttemptEntry = {
  attempt: 1,
  worker: 'pi',
  agent: 'command',
  model: 'm',
  tier: 'sonnet',
  started_at: '2026-11-20T09:00:00Z',
  ended_at: '2026-11-20T09:03:12Z',
  outcome: 'done',
  task: 'b',
};

function subjectOf(change: Partial<Result>): string {
  return resultSubject({
    schema: 1,
    id: 'fix-login',
    state: 'done',
    task: 'b',
    nonce: 'n',
    finished_at: '',
    attempts: [attempt],
    answer: '',
    taskText: '',
    ...change,
  });
}

test('says what became of the task, how and where', () => {
  expect(subjectOf({})).toBe('done: fix-login (sonnet, 3m 12s) on pi');
});

test('tells of the last attempt', () => {
  expect(subjectOf({ state: 'failed', attempts: [attempt, { ...attempt, worker: 'laptop', tier: 'opus' }] })).toBe(
    'failed: fix-login (opus, 3m 12s) on laptop',
  );
});

test('tells what all attempts cost together', () => {
  expect(subjectOf({ attempts: [{ ...attempt, cost_usd: 0.0421 }] })).toBe('done: fix-login (sonnet, 3m 12s, $0.04) on pi');
  const attempts = [
    { ...attempt, cost_usd: 1.5, cost_estimated: true as const },
    { ...attempt, attempt: 2, cost_usd: 0.25 },
  ];
  expect(subjectOf({ attempts })).toBe('done: fix-login (sonnet, 3m 12s, ~$1.75) on pi');
});

test('leaves out what is not known', () => {
  const { tier: _tier, model: _model, started_at: _started, ...bare } = attempt;
  expect(subjectOf({ attempts: [bare] })).toBe('done: fix-login on pi');
  expect(subjectOf({ attempts: [{ ...bare, model: 'gpt-9' }] })).toBe('done: fix-login (gpt-9) on pi');
  expect(subjectOf({ state: 'cancelled', attempts: [] })).toBe('cancelled: fix-login');
});

test('is one line of at most 100 characters', () => {
  const { tier: _tier, ...bare } = attempt;
  const subject = subjectOf({ id: 'x'.repeat(80), attempts: [{ ...bare, model: `a\nb\u001b[31m${'c'.repeat(90)}` }] });
  expect(Array.from(subject)).toHaveLength(100);
  expect(subject).not.toMatch(/\p{Cc}/u);
});
