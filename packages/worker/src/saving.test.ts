import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FakeClock, Fleet, type Machine, need, taskText } from './rig/fleet.ts';
import { Wakeups } from './wakeups.ts';
import { Worker } from './worker.ts';

const MINUTE_MS = 60_000;

/** Time passes while the worker waits, and only then. */
class PassingTime extends Wakeups {
  readonly #clock: FakeClock;
  onWait: () => Promise<unknown> = () => Promise.resolve();

  constructor(clock: FakeClock) {
    super(clock);
    this.#clock = clock;
  }

  override async wait(notBefore?: number): Promise<void> {
    await this.onWait();
    this.#clock.advance(Math.ceil(this.leftMs(notBefore)));
    await super.wait(notBefore);
  }
}

let fleet: Fleet;
let pi: Machine;
let time: PassingTime;
/** When each push reached the remote. */
let pushedAt: number[];

beforeEach(async () => {
  fleet = new Fleet();
  time = new PassingTime(fleet.clock);
  pi = await fleet.boot('pi', { wakeups: time });
  pushedAt = [];
  fleet.remote.beforeRequest = async (request) => {
    if (request === 'push') pushedAt.push(fleet.clock.elapsedMs());
  };
});
afterEach(() => fleet[Symbol.asyncDispose]());

const queueOf = (pushes: string, ...ids: string[]): Promise<string> =>
  fleet.commit({
    'config/errand.yaml': `pushes: ${pushes}\n`,
    ...Object.fromEntries(ids.map((id) => [`tasks/${id}.md`, taskText(id)])),
  });

function endAtOnce(): void {
  time.onWait = () => Promise.all(pi.context.held.in('running').map(({ held }) => pi.runner.end(held.id)));
}

test('with a push budget everything is done all the same, at its pace, and the last push says stopped', async () => {
  await queueOf('2', 'a', 'b', 'c', 'd', 'e', 'f');
  endAtOnce();
  const startedAt = fleet.clock.elapsedMs();
  pushedAt = [];
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  const view = await fleet.view();
  expect([view.results.size, need(view.workers, 'pi').value.state]).toEqual([6, 'stopped']);
  // Two at once, then one each half minute; the very last is not waited for.
  const due = pushedAt.map((_, n) => startedAt + Math.max(0, n - 1) * 30_000);
  expect(pushedAt.slice(0, -1).every((at, n) => at >= (due[n] ?? 0))).toBe(true);
  expect(fleet.clock.elapsedMs() - startedAt).toBeGreaterThan(2 * MINUTE_MS);
});

test('without one, nothing waits for a minute', async () => {
  await queueOf('none', 'a', 'b', 'c', 'd', 'e', 'f');
  endAtOnce();
  const startedAt = fleet.clock.elapsedMs();
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  expect(fleet.clock.elapsedMs() - startedAt).toBeLessThan(MINUTE_MS);
});

test('who is asked to stop records what has finished and says so, though the share is spent', async () => {
  await queueOf('0.1', 'a');
  const worker = new Worker(pi.context, { once: false });
  let stoppedAt = 0;
  time.onWait = async () => {
    if (pi.context.held.in('running').length > 0) await pi.runner.end('a');
    if (pi.context.held.in('concluded').length === 0 || stoppedAt > 0) return;
    expect(pi.context.budget.freeAt - fleet.clock.elapsedMs()).toBeGreaterThan(5 * MINUTE_MS);
    stoppedAt = fleet.clock.elapsedMs();
    worker.stop();
  };
  expect(await worker.run()).toBe('asked');
  const view = await fleet.view();
  expect([view.results.has('a'), need(view.workers, 'pi').value.state]).toEqual([true, 'stopped']);
  expect(fleet.clock.elapsedMs() - stoppedAt).toBeLessThan(MINUTE_MS);
});

test('a beat that is late goes out though the share is spent: what runs must not be taken for lost', async () => {
  await queueOf('1', 'a');
  const worker = new Worker(pi.context, { once: false });
  let since = Number.POSITIVE_INFINITY;
  time.onWait = async () => {
    const { held, budget } = pi.context;
    if (held.in('running').length === 0) return;
    if (since === Number.POSITIVE_INFINITY) {
      since = fleet.clock.elapsedMs();
      budget.take(1_000);
    }
    if (fleet.clock.elapsedMs() - since <= 60 * MINUTE_MS) return;
    worker.stop();
    await pi.runner.end('a', 'stopped');
  };
  await worker.run();
  const beats = pushedAt.filter((at) => at > since && at < since + 60 * MINUTE_MS);
  const ttlMs = 2 * MINUTE_MS * 3;
  // Two minutes apart is what half of the budget allows; late is half of a ttl.
  expect(beats.length).toBeGreaterThan(10);
  const gaps = beats.slice(1).map((at, n) => at - (beats[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan((ttlMs * 2) / 3);
});

test('such a beat is not tried more often than the share has a push, however long there is no answer', async () => {
  await queueOf('1', 'a');
  const worker = new Worker(pi.context, { once: false });
  let since = Number.POSITIVE_INFINITY;
  const { beforeRequest } = fleet.remote;
  fleet.remote.beforeRequest = (request) => {
    if (request === 'push' && fleet.clock.elapsedMs() > since) fleet.remote.holdNextPush();
    return beforeRequest(request);
  };
  time.onWait = async () => {
    if (pi.context.held.in('running').length === 0) return;
    since = Math.min(since, fleet.clock.elapsedMs());
    if (fleet.clock.elapsedMs() - since <= 30 * MINUTE_MS) return;
    since = Number.POSITIVE_INFINITY;
    worker.stop();
    await pi.runner.end('a', 'stopped');
  };
  const from = fleet.clock.elapsedMs();
  await worker.run();
  const tried = pushedAt.filter((at) => at > from && at < from + 30 * MINUTE_MS);
  expect(tried.length).toBeGreaterThan(15);
  expect(tried.length).toBeLessThan(33);
});
