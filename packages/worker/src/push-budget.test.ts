import { afterEach, beforeEach, expect, test } from 'vitest';
import { PushBudget, weighWorkers } from './push-budget.ts';
import { FakeClock, Fleet, type Machine } from './rig/fleet.ts';

const ALONE = { mine: 1, others: 0 };
const MINUTE_MS = 60_000;

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

function budgetOf(perMinute: number | null, weights = ALONE): PushBudget {
  const budget = new PushBudget(clock);
  budget.divide(perMinute, weights);
  return budget;
}

/** Pushes whenever it may, for so long, and gives how many pushes that were. */
function pushAtWill(budget: PushBudget, forMs: number): number {
  let pushes = 0;
  for (const endsAt = clock.elapsedMs() + forMs; clock.elapsedMs() < endsAt; clock.advance(100)) {
    while (!budget.isSpent && pushes < 10_000) {
      budget.take(1);
      pushes += 1;
    }
  }
  return pushes;
}

test('without a budget nothing is ever spent, and no interval is longer', () => {
  const budget = budgetOf(null);
  budget.take(1_000_000);
  clock.advance(1);
  expect([budget.isSpent, budget.freeAt <= clock.elapsedMs()]).toEqual([false, true]);
  expect(budget.stretch(1_000, false)).toBe(1);
});

test('a worker alone may push for a minute at once, and then by the budget', () => {
  const budget = budgetOf(6);
  expect(pushAtWill(budget, 100)).toBe(6);
  expect(budget.freeAt).toBe(clock.elapsedMs() - 100 + 10_000);
  expect(pushAtWill(budget, 60 * MINUTE_MS)).toBe(360);
});

test('among many it may save up two pushes, and what it owes is waited for', () => {
  const budget = budgetOf(6, { mine: 1, others: 29 });
  expect(pushAtWill(budget, 100)).toBe(2);
  budget.take(1);
  expect(budget.freeAt - clock.elapsedMs()).toBe(2 * 5 * MINUTE_MS - 100);
  clock.advance(60 * MINUTE_MS);
  expect(pushAtWill(budget, 100)).toBe(2);
});

test('all together push as often as the budget says, whoever is busy', () => {
  const weights = [5, 5, 1, 1, 1, 1, 1, 1];
  const sum = weights.reduce((a, b) => a + b, 0);
  const perHour = weights.map((mine) => {
    const budget = budgetOf(6, { mine, others: sum - mine });
    pushAtWill(budget, 100);
    return pushAtWill(budget, 60 * MINUTE_MS);
  });
  expect(perHour.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(360);
  expect(perHour.reduce((a, b) => a + b, 0)).toBeGreaterThan(350);
  expect((perHour[0] ?? 0) / (perHour[2] ?? 0)).toBeCloseTo(5, 0);
});

test('what was earned by one share is kept when the share changes', () => {
  const budget = budgetOf(6, { mine: 1, others: 29 });
  pushAtWill(budget, 100);
  clock.advance(5 * MINUTE_MS - 100);
  budget.divide(6, { mine: 1, others: 59 });
  expect(budget.isSpent).toBe(false);
  budget.take(1);
  expect(budget.freeAt - clock.elapsedMs()).toBeCloseTo(10 * MINUTE_MS);
});

test('a queue whose budget is lifted lets everything through, and one that gets a budget begins with what may be saved up', () => {
  const budget = budgetOf(6);
  budget.take(100);
  budget.divide(null, ALONE);
  clock.advance(1);
  expect(budget.isSpent).toBe(false);
  budget.divide(6, ALONE);
  expect(pushAtWill(budget, 100)).toBe(6);
});

test('heartbeats take half of what a worker may push, and only where that is less than they would', () => {
  expect(budgetOf(6).stretch(MINUTE_MS, true)).toBe(1);
  const one = budgetOf(6, { mine: 1, others: 29 });
  expect(5 * MINUTE_MS * one.stretch(5 * MINUTE_MS, false)).toBeCloseTo(10 * MINUTE_MS);
  // Its next beat says that it is busy, so it may be as frequent as that share allows.
  expect(MINUTE_MS * one.stretch(MINUTE_MS, true)).toBeCloseTo((2 * 34 * MINUTE_MS) / (6 * 5));
});

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet[Symbol.asyncDispose]());

async function weigh(machine: Machine): Promise<{ mine: number; others: number }> {
  return weighWorkers(await machine.look(), machine.context.observations, machine.context.machine.machine);
}

test('who runs something weighs five times as much, this machine too, and who is stopped, dead or unheard of nothing', async () => {
  const pi = await fleet.boot('pi');
  expect(await weigh(pi)).toEqual({ mine: 1, others: 0 });
  const vm = await fleet.boot('vm');
  await vm.look();
  await vm.beat();
  expect(await weigh(pi)).toEqual({ mine: 1, others: 1 });
  vm.context.held.add({ id: 'a', nonce: fleet.newNonce(), attempt: 1, phase: { name: 'giving-back', why: 'a test' } });
  await vm.beat();
  expect(await weigh(pi)).toEqual({ mine: 1, others: 5 });
  expect(await weigh(vm)).toEqual({ mine: 5, others: 0 });
  for (let ms = 0; ms <= 180_000; ms += 60_000) {
    await pi.look();
    fleet.clock.advance(60_000);
  }
  expect(await weigh(pi)).toEqual({ mine: 1, others: 0 });
});
