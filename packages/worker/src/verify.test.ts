import type { AgentEnd, ProcessEnd } from '@errand/agents';
import { expect, test } from 'vitest';
import { judgeVerify } from './verify.ts';

const DONE: AgentEnd = { outcome: 'done', exitCode: 0, answer: 'I fixed it.', entry: { cost_usd: 0.04, session: 's' } };

function ended(end: Partial<ProcessEnd>): ProcessEnd {
  return { exitCode: null, signal: null, endedBy: null, stdout: '', stderr: '', capped: false, ...end };
}

test('what is proven is done as the agent left it', () => {
  expect(judgeVerify('npm test', DONE, ended({ exitCode: 0, stdout: 'all green' }))).toEqual(DONE);
});

test('what is not proven is failed for want of a more capable model, with both answers and what it cost', () => {
  const end = judgeVerify('npm test', DONE, ended({ exitCode: 1, stdout: '1 failed', stderr: 'npm error' }));
  expect(end).toEqual({
    outcome: 'failed',
    cause: 'verify failed: exit status 1: npm test',
    answer: 'I fixed it.\n\nVerify (npm test):\n\n1 failed\n\nnpm error',
    entry: DONE.entry,
    evidence: { kind: 'capability' },
  });
});

test.each([
  [{ signal: 'SIGKILL' }, 'killed by SIGKILL'],
  [{ endedBy: 'timed-out', signal: 'SIGTERM' }, 'no time was left for it'],
  [{ endedBy: 'stalled', exitCode: 0 }, 'it gave no output for too long'],
  [{ spawnError: 'sh: not found' }, 'cannot start: sh: not found'],
] as const)('%j is no proof', (end, words) => {
  const judged = judgeVerify('true', DONE, ended(end));
  expect(judged).toMatchObject({ outcome: 'failed', cause: `verify failed: ${words}: true` });
  // Nothing of that is the model's fault.
  expect(judged.evidence).toBeUndefined();
});

test.each([
  ['cancelled', 'cancelled', undefined],
  ['fenced', 'fenced', undefined],
  ['shutdown', 'stopped', true],
] as const)('a verify that we ended (%s) proves nothing either way', (endedBy, outcome, giveBack) => {
  const end = judgeVerify('true', DONE, ended({ endedBy, exitCode: 0 }));
  expect(end).toMatchObject({ outcome, entry: DONE.entry });
  expect(end.giveBack).toBe(giveBack);
});
