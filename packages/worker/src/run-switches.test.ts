import { expect, test } from 'vitest';
import { RunSwitches } from './run-switches.ts';

test('a claim is confirmed by a view that is younger than the question, not by an older one', async () => {
  const switches = new RunSwitches(0);
  let answer: boolean | null = null;
  const asked = switches.confirmed(100).then((mine) => {
    answer = mine;
  });
  switches.confirm(99);
  await Promise.resolve();
  expect(answer).toBeNull();
  switches.confirm(100);
  await asked;
  expect(answer).toBe(true);
});

test('an attempt that is to end is not confirmed, whether it was asked before or after', async () => {
  const switches = new RunSwitches(0);
  const asked = switches.confirmed(100);
  switches.stop('fenced');
  expect(await asked).toBe(false);
  expect(await switches.confirmed(100)).toBe(false);
  expect(switches.stopped).toBe('fenced');
});

test('a wait ends as soon as the attempt is to end', async () => {
  const switches = new RunSwitches(0);
  const waiting = switches.stoppedWithin(3_600_000);
  switches.stop('cancelled');
  expect(await waiting).toBe(true);
  expect(await switches.stoppedWithin(3_600_000)).toBe(true);
  expect(await new RunSwitches(0).stoppedWithin(1)).toBe(false);
});

test('how far an attempt is, is counted in numbers: answers of a model, calls of a tool, and when its agent was last heard', () => {
  const switches = new RunSwitches(0);
  const at = (second: number): string => `2026-11-20T09:00:0${second}.000Z`;
  const tokens = { input: 1, output: 1, cache_read: 0, cache_write: 0 };
  switches.note({ type: 'started', at: at(0), argv: ['claude'], containment: 'tree' });
  expect(switches.progress).toEqual({ turns: 0, tool_calls: 0 });
  switches.note({ type: 'says', at: at(1), text: 'a secret plan' });
  switches.note({ type: 'spent', at: at(2), model: 'm', tokens, costUsd: 1, estimated: true });
  switches.note({ type: 'calls-tool', at: at(3), tool: 'Bash', about: 'ls' });
  switches.note({ type: 'frozen', at: at(4), why: 'out of touch' });
  expect(switches.progress).toEqual({ turns: 1, tool_calls: 1, output_at: at(3) });
});
