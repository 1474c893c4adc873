import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Result } from './result.ts';
import { NO_OUTPUT, parseResult, readResultHead, renderResult } from './result-file.ts';

const BLOB = '3f2c9a0d5b1e3f2c9a0d5b1e3f2c9a0d5b1e3f2c';

const RESULT: Result = {
  schema: 1,
  id: 'run-the-tests-k3f9',
  state: 'done',
  task: BLOB,
  nonce: '01KADMQ6X7ABCDEFGHJKMNPQRS',
  finished_at: '2026-11-20T09:12:44Z',
  attempts: [
    {
      attempt: 1,
      worker: 'pi',
      agent: 'claude',
      model: 'claude-sonnet-5-5',
      tier: 'sonnet',
      tier_reason: 'test-suite (+2)',
      started_at: '2026-11-20T09:09:32Z',
      ended_at: '2026-11-20T09:12:44Z',
      outcome: 'done',
      exit_code: 0,
      task: BLOB,
    },
  ],
  answer: 'Two of 214 tests fail.',
  taskText: 'Run the test-suite and report every failure.\n',
};

test('a result is written as people read it', () => {
  expect(renderResult(RESULT)).toBe(`---
schema: 1
id: run-the-tests-k3f9
state: done
task: ${BLOB}
nonce: 01KADMQ6X7ABCDEFGHJKMNPQRS
finished_at: 2026-11-20T09:12:44Z
attempts:
  - { attempt: 1, worker: pi, agent: claude, model: claude-sonnet-5-5, tier: sonnet, tier_reason: test-suite (+2), started_at: 2026-11-20T09:09:32Z, ended_at: 2026-11-20T09:12:44Z, outcome: done, exit_code: 0, task: ${BLOB} }
---
Two of 214 tests fail.

<!-- errand:task -->
## Task
Run the test-suite and report every failure.
`);
});

test.each(['', ' \n'])('an answer of %j is written as no output', (answer) => {
  expect(parseResult('r.md', renderResult({ ...RESULT, answer }))).toMatchObject({ value: { answer: NO_OUTPUT } });
});

test('an oid of digits stays text', () => {
  const task = '1234567890'.repeat(4);
  expect(parseResult('r.md', renderResult({ ...RESULT, task, nonce: '12e34' }))).toMatchObject({
    value: { task, nonce: '12e34' },
  });
});

test('what a neighbouring version says of an attempt is kept', () => {
  const [attempt] = RESULT.attempts;
  const more = {
    ...attempt,
    cost_usd: 0.0421,
    billing: 'subscription',
    tokens: { input: 1000, output: 50, cache_read: 0, cache_write: 0, cache_write_1h: 7 },
    commits: ['a', '12'],
  } as unknown as Result['attempts'][number];
  expect(parseResult('r.md', renderResult({ ...RESULT, attempts: [more] }))).toEqual({
    ok: true,
    value: { ...RESULT, attempts: [more] },
  });
});

test('answer and task come back byte for byte, whatever is in them', () => {
  const pieces = fc.constantFrom(
    '<!-- errand:task -->',
    '<!-- \\errand:task -->',
    '<!-- \\\\errand:task -->',
    '\n',
    '\r\n',
    '\n\n',
    '---\n',
    '## Task\n',
    '```',
    'text',
    ' ',
    '\r',
    '\u2028',
    '\uFEFF',
  );
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(
      text.filter((answer) => answer.trim() !== '' && !answer.includes('\0')),
      text,
      (answer, taskText) => {
        const result = { ...RESULT, answer, taskText };
        expect(parseResult('r.md', renderResult(result))).toEqual({ ok: true, value: result });
      },
    ),
    { numRuns: 2000 },
  );
});

test('a NUL in an answer is shown, so that git takes the file for text', () => {
  expect(renderResult({ ...RESULT, answer: 'a\0b' })).toContain('\na\u2400b\n');
});

test('a result that somebody wrote or cut by hand is read as far as it goes', () => {
  expect(
    parseResult(
      'results/2026-11-20/a.md',
      '---\r\nstate: failed\r\nfinished_at: 2026-11-20\r\nnote: mine\r\n---\r\nNever mind.\r\n',
    ),
  ).toEqual({
    ok: true,
    value: {
      schema: 1,
      id: 'a',
      state: 'failed',
      task: '',
      nonce: '',
      finished_at: '2026-11-20',
      attempts: [],
      answer: 'Never mind.',
      taskText: '',
    },
  });
});

test('the head alone is read without the texts', () => {
  const { answer: _answer, taskText: _taskText, ...head } = RESULT;
  expect(readResultHead('r.md', renderResult(RESULT))).toEqual({ ok: true, value: head });
});

test('no text makes the reader throw', () => {
  const text = renderResult(RESULT);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), fc.string({ unit: 'binary', maxLength: 5 }), (at, drop, insert) => {
      const parsed = parseResult('r.md', text.slice(0, at) + insert + text.slice(at + drop));
      expect(parsed.ok || parsed.problems.length > 0).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
