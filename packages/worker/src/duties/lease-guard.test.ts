import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
import { Keeper } from './keeper.ts';
import { LeaseGuard } from './lease-guard.ts';

const TWO_THIRDS_MS = 120_000;

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
  await fleet.commit({ 'tasks/a.md': taskText('a'), 'tasks/mine.md': taskText('mine', 'machine: pi\n') });
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
});
afterEach(() => fleet[Symbol.asyncDispose]());

const frozen = () => pi.runner.started.filter(({ run }) => run.frozen).map(({ held }) => held.id);

/** Looks every few seconds for so long, as the timer does. */
function watch(guard: LeaseGuard, forMs: number): void {
  for (let at = 0; at < forMs; at += 5_000) {
    fleet.clock.advance(5_000);
    guard.look();
  }
}

test('after two thirds of the ttl without an accepted heartbeat, agents are frozen whose tasks others may run', () => {
  const guard = new LeaseGuard(pi.context);
  watch(guard, TWO_THIRDS_MS);
  expect(frozen()).toEqual([]);
  watch(guard, 5_000);
  expect(frozen()).toEqual(['a']);
  expect(pi.told('frozen')).toEqual([{ type: 'frozen', id: 'a', why: 'the queue was out of reach for two thirds of the lease' }]);
});

test('what is frozen is not frozen again, and the guard process hears how it stands at every look', () => {
  const guard = new LeaseGuard(pi.context);
  const before = pi.runner.ticks;
  watch(guard, TWO_THIRDS_MS + 60_000);
  expect(pi.told('frozen')).toHaveLength(1);
  expect(pi.runner.ticks - before).toBe(36);
});

test('where nothing runs, the guard process is left alone', async () => {
  const vm = await fleet.boot('vm');
  const guard = new LeaseGuard(vm.context);
  watch(guard, 60_000);
  expect(vm.runner.ticks).toBe(0);
});

test('an accepted heartbeat starts the count again', async () => {
  const guard = new LeaseGuard(pi.context);
  watch(guard, 100_000);
  await pi.beat();
  watch(guard, TWO_THIRDS_MS);
  expect(frozen()).toEqual([]);
});

test('after a jump of the clock agents are frozen first, although the heartbeat may still count', async () => {
  const guard = new LeaseGuard(pi.context);
  guard.look();
  fleet.clock.advance(TWO_THIRDS_MS + 1);
  await pi.beat();
  guard.look();
  expect(pi.told('frozen')).toEqual([{ type: 'frozen', id: 'a', why: 'this worker stood still' }]);
});

test('after a jump of the clock it looks at once, also where nothing is to be frozen', async () => {
  const vm = await fleet.boot('vm');
  const guard = new LeaseGuard(vm.context);
  guard.look();
  fleet.clock.advance(8 * 3_600_000);
  guard.look();
  // In an hour, else: the time runs by the fleet's clock, which stands still here.
  vm.context.wakeups.by(fleet.clock.elapsedMs() + 3_600_000);
  await vm.context.wakeups.wait();
  expect(vm.told('frozen')).toEqual([]);
});
