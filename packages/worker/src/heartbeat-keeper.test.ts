import { type RefUpdate, writeLoose } from '@errand/queue';
import type { Heartbeat } from '@errand/task';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need } from './rig/fleet.ts';

const PI = 'refs/errand/workers/pi';

let fleet: Fleet;

beforeEach(() => {
  fleet = new Fleet();
});
afterEach(() => fleet[Symbol.asyncDispose]());

const beatOnRemote = async () => need((await fleet.view()).workers, 'pi');

/** Another process puts a heartbeat under this name, whatever is there. */
async function beatAsAnother(changes: Partial<Heartbeat>): Promise<string> {
  const port = fleet.clone();
  const now = fleet.remote.refs.has(PI) ? (await beatOnRemote()).value : null;
  const body: Heartbeat = {
    schema: 1,
    machine: 'pi',
    boot: 'boot-other',
    state: 'running',
    runs: [],
    version: '0.1.0',
    slots: 1,
    capabilities: [],
    agents: {},
    interval_s: 60,
    ttl_s: 180,
    at: '2026-11-20T09:00:00.000Z',
    ...now,
    nonce: fleet.newNonce(),
    ...changes,
  };
  const oid = await writeLoose(port, 'another', body);
  await port.push([{ ref: PI, to: oid, expect: fleet.remote.refs.get(PI) ?? null }]);
  return oid;
}

const push = async (pi: Machine, beat: RefUpdate | null) => {
  if (!beat) throw new Error('no beat');
  const outcome = await pi.context.pusher.push('heartbeat', [beat]);
  pi.context.heartbeat.pushed(beat, outcome, []);
  return outcome.refs.get(PI)?.state;
};

const run = { nonce: '01KAB3Z0T9M6Y4V1Q8E7R99999', id: 'a', attempt: 1, phase: 'running' as const };

test('nothing is beaten before a view has told who holds the name', async () => {
  const pi = await fleet.boot('pi');
  expect(await pi.context.heartbeat.beat([])).toBeNull();
  await pi.look();
  expect(await pi.context.heartbeat.beat([])).toMatchObject({ ref: PI, expect: null });
});

test('a beat is on disk before it is pushed, and no two beats have one oid', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const [first, second] = [await pi.context.heartbeat.beat([]), await pi.context.heartbeat.beat([])];
  expect(first?.to).not.toBe(second?.to);
  expect(pi.context.memory.isMyHeartbeat(first?.to ?? '')).toBe(true);
});

test('a beat of its own that became too long to be read is still its own, and the next one takes its place', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const long = Array.from({ length: 900 }, (_, n) => ({ ...run, id: `task-${n}`, nonce: fleet.newNonce() }));
  await push(pi, await pi.context.heartbeat.beat(long));
  const view = await pi.look();
  expect(view.unreadable.get(PI)?.reason).toMatch(/bytes/);
  await push(pi, await pi.context.heartbeat.beat([run]));
  expect((await beatOnRemote()).value.runs).toEqual([run]);
  expect(pi.told('twin')).toEqual([]);
});

test('the lease counts from the start of the accepted push', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const { heartbeat } = pi.context;
  expect([heartbeat.accepted, heartbeat.lease.sinceMs]).toEqual([false, Number.NEGATIVE_INFINITY]);
  const began = fleet.clock.elapsedMs();
  fleet.remote.beforeRequest = async () => fleet.clock.advance(7_000);
  await push(pi, await heartbeat.beat([]));
  expect([heartbeat.accepted, heartbeat.lease.sinceMs]).toEqual([true, began]);
});

test('a beat says what runs, and an idle one announces five times the interval and ttl', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  await push(pi, await pi.context.heartbeat.beat([]));
  expect((await beatOnRemote()).value).toMatchObject({
    state: 'running',
    boot: pi.context.boot,
    interval_s: 300,
    ttl_s: 900,
    runs: [],
  });
  await push(pi, await pi.context.heartbeat.beat([run]));
  expect((await beatOnRemote()).value).toMatchObject({ interval_s: 60, ttl_s: 180, runs: [run] });
});

test('a beat is due at once at first and when work begins after idling, and then by its interval', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const { heartbeat } = pi.context;
  const now = fleet.clock.elapsedMs();
  expect(heartbeat.dueAt(false)).toBe(now);
  await pi.beat();
  expect(heartbeat.dueAt(false)).toBe(now + 5 * 60_000);
  expect(heartbeat.dueAt(true)).toBe(now);
  const beat = await heartbeat.beat([run]);
  if (beat) heartbeat.pushed(beat, await pi.context.pusher.push('heartbeat', [beat]), [run]);
  expect(heartbeat.dueAt(true)).toBe(now + 60_000);
});

test('a restart knows its own beat and goes on from it at once, but claims only after one of its own', async () => {
  const before = await fleet.boot('pi');
  await before.look();
  await before.beat();
  const after = await fleet.boot('pi');
  await after.look();
  expect(after.context.heartbeat.accepted).toBe(false);
  await after.beat();
  expect((await beatOnRemote()).value.boot).toBe(after.context.boot);
});

test.each(['stopped', 'tombstone'] as const)('a %s heartbeat is taken over at once, whoever wrote it', async (state) => {
  const pi = await fleet.boot('pi');
  const theirs = await beatAsAnother({ state });
  const view = await pi.look();
  expect(pi.context.heartbeat.settle(view, false)).toBe('mine');
  expect(await pi.context.heartbeat.beat([])).toMatchObject({ expect: theirs });
});

test('a tombstone on a living worker ends its right to claim until it has taken the name over', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  await pi.beat();
  await beatAsAnother({ state: 'tombstone' });
  expect(await push(pi, await pi.context.heartbeat.beat([]))).toBe('rejected');
  await pi.look();
  expect(pi.context.heartbeat.accepted).toBe(false);
  await pi.beat();
  expect((await beatOnRemote()).value).toMatchObject({ state: 'running', boot: pi.context.boot });
});

test('a twin keeps the name while it beats, and loses it after a ttl without change', async () => {
  const pi = await fleet.boot('pi');
  await beatAsAnother({});
  const view = await pi.look();
  expect(pi.context.heartbeat.settle(view, false)).toBe('twin');
  expect(await pi.context.heartbeat.beat([])).toBeNull();
  for (let watched = 0; watched < 120_000; watched += 60_000) {
    fleet.clock.advance(60_000);
    await pi.look();
    expect(await pi.context.heartbeat.beat([])).toBeNull();
  }
  const theirs = await beatAsAnother({});
  for (let watched = 0; watched < 240_000; watched += 60_000) {
    expect(await pi.context.heartbeat.beat([])).toBeNull();
    await pi.look();
    fleet.clock.advance(60_000);
  }
  await pi.look();
  expect(await pi.context.heartbeat.beat([])).toMatchObject({ expect: theirs });
});

test('a twin that appears while this worker runs takes its right to claim away', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  await pi.beat();
  await beatAsAnother({ boot: 'boot-other' });
  expect(pi.context.heartbeat.settle(await pi.look(), false)).toBe('twin');
  expect(pi.context.heartbeat.accepted).toBe(false);
});

test('a heartbeat of a newer errand counts as somebody else’s', async () => {
  const pi = await fleet.boot('pi');
  const port = fleet.clone();
  const message = 'running\n\nschema: 2\nmachine: pi\n';
  const to = await port.writeCommit({ tree: await port.writeTree([]), parents: [], message });
  await port.push([{ ref: PI, to, expect: null }]);
  expect(pi.context.heartbeat.settle(await pi.look(), false)).toBe('twin');
  expect(await pi.context.heartbeat.beat([])).toBeNull();
});

test('a beat whose answer was lost is accepted by the view that shows it, from the start of its push', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const began = fleet.clock.elapsedMs();
  fleet.remote.loseNextAnswer();
  expect(await push(pi, await pi.context.heartbeat.beat([]))).toBe('unknown');
  expect(pi.context.heartbeat.accepted).toBe(false);
  fleet.clock.advance(5_000);
  await pi.look();
  expect([pi.context.heartbeat.accepted, pi.context.heartbeat.lease.sinceMs]).toEqual([true, began]);
});

test('a beat that is applied late makes the next one fail, and the view after it goes on from there', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  fleet.remote.holdNextPush();
  await push(pi, await pi.context.heartbeat.beat([]));
  await pi.look();
  const next = await pi.context.heartbeat.beat([]);
  fleet.remote.deliverHeld();
  expect(await push(pi, next)).toBe('rejected');
  await pi.look();
  expect(pi.context.heartbeat.accepted).toBe(true);
  expect(await push(pi, await pi.context.heartbeat.beat([]))).toBe('accepted');
});

test('a ref that was removed by hand is written again', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  await pi.beat();
  fleet.remote.refs.delete(PI);
  await pi.look();
  expect(await push(pi, await pi.context.heartbeat.beat([]))).toBe('accepted');
});

test('a clean exit is said in the last beat', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  await pi.beat();
  await push(pi, await pi.context.heartbeat.beat([], 'stopped'));
  expect((await beatOnRemote()).value).toMatchObject({ state: 'stopped', runs: [] });
});

test('where pushes are few, a beat is rarer and announces so, and its lease is what it announced', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const { budget, heartbeat } = pi.context;
  budget.divide(6, { mine: 1, others: 29 });
  const now = fleet.clock.elapsedMs();
  await push(pi, await heartbeat.beat([]));
  expect((await beatOnRemote()).value).toMatchObject({ interval_s: 600, ttl_s: 1_800 });
  // What was announced holds, whatever the share is by then.
  budget.divide(null, { mine: 1, others: 0 });
  expect(heartbeat.dueAt(false)).toBe(now + 600_000);
  fleet.clock.advance(900_000);
  expect([heartbeat.lease, heartbeat.spent]).toEqual([{ sinceMs: now, ttlMs: 1_800_000 }, 0.5]);
});

test('a beat without an answer may be what others see: the lease is over when the first of the two is', async () => {
  const pi = await fleet.boot('pi');
  await pi.look();
  const { heartbeat } = pi.context;
  await push(pi, await heartbeat.beat([]));
  fleet.clock.advance(60_000);
  fleet.remote.loseNextAnswer();
  const sentAt = fleet.clock.elapsedMs();
  await push(pi, await heartbeat.beat([run]));
  expect(heartbeat.lease).toEqual({ sinceMs: sentAt, ttlMs: 180_000 });
  fleet.clock.advance(60_000);
  fleet.remote.holdNextPush();
  await push(pi, await heartbeat.beat([]));
  await pi.look();
  expect(heartbeat.lease).toEqual({ sinceMs: sentAt, ttlMs: 180_000 });
  const latest = fleet.clock.elapsedMs();
  await push(pi, await heartbeat.beat([]));
  expect(heartbeat.lease).toEqual({ sinceMs: latest, ttlMs: 900_000 });
});
