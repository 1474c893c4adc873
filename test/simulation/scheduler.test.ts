import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.ts';

async function play(seed: number): Promise<string[]> {
  const scheduler = new Scheduler(seed);
  const seen: string[] = [];
  const walk = async (name: string): Promise<void> => {
    for (let step = 0; step < 3; step++) {
      await scheduler.sleep(scheduler.pick(3));
      seen.push(`${name}${step} at ${scheduler.nowMs}`);
    }
  };
  for (const name of ['a', 'b', 'c']) scheduler.after(0, () => void walk(name), null);
  await scheduler.run(
    () => false,
    () => {},
  );
  return seen;
}

test('one seed is one order, and another seed another', async () => {
  expect(await play(7)).toEqual(await play(7));
  const orders = await Promise.all([1, 2, 3, 4].map(play));
  expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(1);
});

test('what a dead owner has asked for never comes, and what a sleeping one has comes when it wakes', async () => {
  const scheduler = new Scheduler(1);
  const [alive, dead, asleep] = [
    { dead: false, asleepUntilMs: 0 },
    { dead: false, asleepUntilMs: 0 },
    { dead: false, asleepUntilMs: 50 },
  ];
  const seen: string[] = [];
  scheduler.after(10, () => void seen.push('dead'), dead);
  scheduler.after(10, () => void seen.push(`asleep at ${scheduler.nowMs}`), asleep);
  scheduler.after(5, () => Object.assign(dead, { dead: true }), alive);
  await scheduler.run(
    () => false,
    () => {},
  );
  expect(seen).toEqual(['asleep at 50']);
});

test('the chances of one kind of thing are not shifted by another kind', () => {
  const [one, other] = [new Scheduler(3), new Scheduler(3)];
  other.stream('crash')();
  expect(one.stream('slow')()).toBe(other.stream('slow')());
});
