import type { AttemptEntry, ClaimedRecord, Outcome } from '@errand/task';
import { expect, test } from 'vitest';
import { conclude, type Ended } from './conclude.ts';

const BLOB = 'a'.repeat(40);

const entry = (outcome: Outcome, attempt = 1): AttemptEntry => ({
  attempt,
  worker: 'pi',
  agent: 'command',
  ended_at: '2026-11-20T09:00:00.000Z',
  outcome,
  task: BLOB,
});

function ended(outcome: Outcome, before: AttemptEntry[] = [], retries = 2): Ended {
  const record: ClaimedRecord = {
    schema: 1,
    id: 'a',
    state: 'claimed',
    nonce: 'n1',
    task: BLOB,
    attempt: before.length + 1,
    worker: 'pi',
    boot: 'boot-1',
    claimed_at: '2026-11-20T08:59:00.000Z',
    attempts: before,
  };
  return {
    record,
    retries,
    taskText: 'Do a.\n',
    entry: entry(outcome, before.length + 1),
    cause: { kind: 'plain' },
    answer: 'x',
  };
}

test('an attempt that is done is a result with the claim’s nonce and blob, and every attempt', () => {
  const before = [entry('failed')];
  expect(conclude(ended('done', before), () => 0)).toEqual({
    kind: 'result',
    result: {
      schema: 1,
      id: 'a',
      state: 'done',
      task: BLOB,
      nonce: 'n1',
      finished_at: '2026-11-20T09:00:00.000Z',
      attempts: [...before, entry('done', 2)],
      answer: 'x',
      taskText: 'Do a.\n',
    },
  });
});

test('a failure waits while there are tries left, and is a failed result after the last', () => {
  expect(conclude(ended('failed'), () => 0)).toMatchObject({
    kind: 'waiting',
    attempts: [{ outcome: 'failed' }],
    next: { wait_s: 10 },
  });
  const before = [entry('failed'), entry('failed', 2)];
  expect(conclude(ended('failed', before), () => 0)).toMatchObject({ kind: 'result', result: { state: 'failed' } });
});

test('a cancelled attempt is recorded as such, and a fenced one comes to nothing', () => {
  expect(conclude(ended('cancelled'), () => 0)).toMatchObject({ kind: 'result', result: { state: 'cancelled' } });
  expect(conclude(ended('fenced'), () => 0)).toBeNull();
});
