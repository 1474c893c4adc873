import { expect, test } from 'vitest';
import { RunSwitches } from './run-switches.ts';

test('a claim is confirmed by a view that is younger than the question, not by an older one', async () => {
  const switches = new RunSwitches();
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
  const switches = new RunSwitches();
  const asked = switches.confirmed(100);
  switches.stop('fenced');
  expect(await asked).toBe(false);
  expect(await switches.confirmed(100)).toBe(false);
  expect(switches.stopped).toBe('fenced');
});

test('a wait ends as soon as the attempt is to end', async () => {
  const switches = new RunSwitches();
  const waiting = switches.stoppedWithin(3_600_000);
  switches.stop('cancelled');
  expect(await waiting).toBe(true);
  expect(await switches.stoppedWithin(3_600_000)).toBe(true);
  expect(await new RunSwitches().stoppedWithin(1)).toBe(false);
});
