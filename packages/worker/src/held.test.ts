import { expect, test } from 'vitest';
import { type HeldAttempt, HeldAttempts, type Phase } from './held.ts';
import { StubRun } from './rig/stub-runner.ts';

const work = {} as Extract<Phase, { name: 'claiming' }>['work'];
const phases: Phase[] = [
  { name: 'claiming', pushedAt: null, work },
  { name: 'running', work, run: new StubRun(), startedAt: '2026-11-20T09:00:00Z' },
  { name: 'lost', startedAt: '2026-11-20T09:00:00Z', started: null },
  { name: 'concluded', conclusion: { kind: 'waiting', attempts: [], reason: 'failed' } },
  { name: 'giving-back', why: 'edited' },
];
const held = (number: number, phase: Phase): HeldAttempt => ({ id: `t${number}`, nonce: `n${number}`, attempt: 1, phase });

test('a slot is in use from the claim until the conclusion is in the journal, and no longer', () => {
  const attempts = new HeldAttempts();
  for (const [index, phase] of phases.entries()) attempts.add(held(index, phase));
  expect([attempts.size, attempts.slotsUsed()]).toEqual([5, 2]);
});

test('attempts are found by nonce, by phase and as ids, until they are dropped', () => {
  const attempts = new HeldAttempts();
  for (const [index, phase] of phases.entries()) attempts.add(held(index, phase));
  expect(attempts.in('giving-back')).toMatchObject([{ held: { id: 't4' }, phase: { why: 'edited' } }]);
  expect([attempts.has('n2'), attempts.has('t2')]).toEqual([true, false]);
  attempts.drop('n2');
  attempts.drop('n2');
  expect([attempts.has('n2'), attempts.ids()]).toEqual([false, new Set(['t0', 't1', 't3', 't4'])]);
});

test('two attempts of one task are two: the nonce tells them apart', () => {
  const attempts = new HeldAttempts();
  const [first, second] = [held(1, phases[2] as Phase), { ...held(1, phases[0] as Phase), nonce: 'other' }];
  attempts.add(first);
  attempts.add(second);
  attempts.drop('n1');
  expect(attempts.all()).toEqual([second]);
});
