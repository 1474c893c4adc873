import { DamagedCloneError } from '@errand/queue';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Claimer } from './duties/claimer.ts';
import { Keeper } from './duties/keeper.ts';
import { Releaser } from './duties/releaser.ts';
import { Fleet, type Machine, need } from './rig/fleet.ts';
import { Wakeups } from './wakeups.ts';
import { Worker } from './worker.ts';

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
});
afterEach(() => fleet[Symbol.asyncDispose]());

/** Attempts end as soon as they begin. */
function endAtOnce(machine: Machine): void {
  const { runner } = machine;
  const { start } = runner;
  runner.start = (held, work) => {
    start.call(runner, held, work);
    void runner.end(held.id);
  };
}

test('once: every task that is eligible is run and recorded, and the last heartbeat says stopped', async () => {
  await fleet.addTasks('a', 'b', 'c');
  endAtOnce(pi);
  // The gap between two folds is the only thing that takes time here.
  fleet.remote.beforeRequest = async () => fleet.clock.advance(400);
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  const view = await fleet.view();
  expect([...view.results.keys()].sort()).toEqual(['a', 'b', 'c']);
  expect([need(view.workers, 'pi').value.state, fleet.refs()]).toEqual(['stopped', ['workers/pi']]);
  expect(pi.events.at(-1)).toEqual({ type: 'stopped', exit: 'nothing-left', left: [] });
});

test('once: what is left over of a task that somebody removed is cleared away before it ends', async () => {
  await fleet.addTasks('a');
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  await pi.runner.end('a', 'failed');
  await pi.round(new Releaser(pi.context));
  expect(fleet.refs()).toContain('tasks/a');
  await fleet.commit({ 'tasks/a.md': null });
  const vm = await fleet.boot('vm');
  expect(await new Worker(vm.context, { once: true }).run()).toBe('nothing-left');
  expect(fleet.refs()).toEqual(['workers/pi', 'workers/vm']);
});

test('once: a twin ends it, and the twin keeps the name', async () => {
  await fleet.addTasks('a');
  const twin = await fleet.boot('copied-disk', { config: { machine: 'pi' } });
  await twin.look();
  await twin.beat();
  const theirs = fleet.remote.refs.get('refs/errand/workers/pi');
  expect(await new Worker(pi.context, { once: true }).run()).toBe('twin');
  expect(pi.told('twin')).toMatchObject([{ machine: 'pi' }]);
  expect(fleet.remote.refs.get('refs/errand/workers/pi')).toBe(theirs);
  expect(fleet.refs()).toEqual(['workers/pi']);
});

test('a twin is told of again every hour, for who opens the log later', async () => {
  const twin = await fleet.boot('copied-disk', { config: { machine: 'pi' } });
  await twin.look();
  await twin.beat();
  const worker = new Worker(pi.context, { once: false });
  let rounds = 0;
  pi.context.wakeups.wait = async () => {
    rounds++;
    fleet.clock.advance(60_000);
    await twin.look();
    await twin.beat();
    if (rounds === 61) worker.stop();
  };
  await worker.run();
  expect(pi.told('twin')).toHaveLength(2);
});

test('once: a worker that may read the queue and not write to it says so and ends', async () => {
  await fleet.addTasks('a');
  fleet.remote.hook = ({ ref }) => (ref.startsWith('refs/errand/') ? 'read only' : null);
  expect(await new Worker(pi.context, { once: true }).run()).toBe('refused');
  expect(pi.told('refused')).toMatchObject([{ ids: [], text: expect.stringContaining('read only') }]);
  expect(fleet.refs()).toEqual([]);
});

test('once: a worker whose pushes are refused while it runs something waits for its end, and asks no more often than ever', async () => {
  await fleet.addTasks('a');
  const { wakeups, held } = pi.context;
  const running: number[] = [];
  const pauses: number[] = [];
  // Nobody waits here: each round follows the one before it, as soon as the clock says.
  wakeups.wait = async () => {
    const leftMs = wakeups.leftMs();
    fleet.clock.advance(leftMs);
    await Wakeups.prototype.wait.call(wakeups);
    if (held.in('running').length === 0) return;
    fleet.remote.hook = ({ ref }) => (ref.startsWith('refs/errand/') ? 'read only' : null);
    if (pi.told('refused').length > 0) {
      running.push(held.in('running').length);
      pauses.push(leftMs);
    }
    if (running.length === 8) await pi.runner.end('a');
  };
  expect(await new Worker(pi.context, { once: true }).run()).toBe('refused');
  expect([running, held.in('running')]).toEqual([[1, 1, 1, 1, 1, 1, 1, 1], []]);
  // The freeze at two thirds of the lease asks for one look at once.
  expect(pauses.filter((ms) => ms < 1_000)).toHaveLength(1);
});

test('once: a worker that is not let in any more while it runs something waits for its end, however long', async () => {
  await fleet.addTasks('a');
  const { wakeups, held, queue } = pi.context;
  let rounds = 0;
  wakeups.wait = async () => {
    if (held.in('running').length === 0) return;
    rounds++;
    fleet.clock.advance(60_000);
    queue.readView = async () => ({ ok: false, cause: { kind: 'refused', message: 'who are you?' } });
    if (rounds === 4) await pi.runner.end('a');
  };
  expect(await new Worker(pi.context, { once: true }).run()).toBe('not-let-in');
  expect([rounds, held.in('running')]).toEqual([4, []]);
  expect(pi.events.at(-1)).toEqual({ type: 'stopped', exit: 'not-let-in', left: ['a'] });
});

test('while the branch is gone nothing is recorded or cancelled, and when it is back everything goes on', async () => {
  await fleet.addTasks('a');
  endAtOnce(pi);
  const branch = 'refs/heads/main';
  const tip = need(fleet.remote.refs, branch);
  let looks = 0;
  fleet.remote.beforeRequest = async (request) => {
    fleet.clock.advance(400);
    if (request !== 'fetch' || pi.context.held.size === 0) return;
    looks += 1;
    if (looks === 1) fleet.remote.refs.delete(branch);
    if (looks === 4) fleet.remote.refs.set(branch, tip);
  };
  const run = new Worker(pi.context, { once: true }).run();
  const looker = setInterval(() => pi.context.wakeups.now(), 1);
  expect(await run).toBe('nothing-left');
  clearInterval(looker);
  expect(pi.told('trouble').map(({ text }) => text)).toEqual([expect.stringContaining('the branch is gone from the remote')]);
  expect(pi.told('recorded')).toMatchObject([{ id: 'a', state: 'done' }]);
  expect(fleet.files().has('tasks/a.md')).toBe(true);
});

test('a claim whose push could not even be made is settled by the next view, and its slot is free again', async () => {
  await fleet.addTasks('a');
  endAtOnce(pi);
  fleet.remote.beforeRequest = async () => fleet.clock.advance(400);
  const { heartbeat } = pi.context;
  const { beat } = heartbeat;
  let failures = 0;
  heartbeat.beat = (runs, state) => {
    if (runs.length === 0 || ++failures > 1) return beat.call(heartbeat, runs, state);
    return Promise.reject(new Error('ENOSPC: no space left on device'));
  };
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  expect(pi.told('trouble')).toMatchObject([{ duty: 'claim' }]);
  expect(pi.told('recorded')).toMatchObject([{ id: 'a', state: 'done' }]);
});

test('a duty that fails is told, and the others go on', async () => {
  await fleet.addTasks('a');
  endAtOnce(pi);
  fleet.remote.beforeRequest = async () => fleet.clock.advance(400);
  let broken = 2;
  const { outbox } = pi.context.queue;
  outbox.isEmpty = async () => {
    if (broken-- > 0) throw new Error('disk full');
    return true;
  };
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  expect(pi.told('trouble').map(({ duty, text }) => [duty, text.split('\n')[0]])).toEqual([
    ['outbox', 'Error: disk full'],
    ['outbox', 'Error: disk full'],
  ]);
  expect((await fleet.view()).results.has('a')).toBe(true);
});

test('a clone that lacks what a duty reads is made anew, which is told in words, and the duty is done then', async () => {
  await fleet.addTasks('a');
  endAtOnce(pi);
  fleet.remote.beforeRequest = async () => fleet.clock.advance(400);
  const { outbox, port } = pi.context.queue;
  const [oid, remake] = ['1'.repeat(40), vi.spyOn(port, 'remake')];
  vi.spyOn(outbox, 'isEmpty').mockRejectedValueOnce(new DamagedCloneError(oid));
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  const text = `object ${oid} is missing from the private clone: it is made anew, and everything is looked at again`;
  expect(pi.told('trouble')).toEqual([{ type: 'trouble', duty: 'outbox', text }]);
  expect(remake).toHaveBeenCalledOnce();
  expect((await fleet.view()).results.has('a')).toBe(true);
});

test('a view that cannot be taken in is told and taken in again, and nothing is decided from it', async () => {
  await fleet.addTasks('a');
  const { ledger } = pi.context;
  const { observe } = ledger;
  const worker = new Worker(pi.context, { once: false });
  ledger.observe = () => {
    ledger.observe = observe;
    worker.stop();
    return Promise.reject(new Error('disk full'));
  };
  expect(await worker.run()).toBe('asked');
  expect(pi.told('trouble').map(({ duty }) => duty)).toEqual(['look']);
  expect(fleet.refs()).toEqual([]);
});

test('a queue that has no branch yet is shown no sign of life, so that whoever files the first task starts it', async () => {
  const worker = new Worker(pi.context, { once: true });
  expect(await worker.run()).toBe('nothing-left');
  expect(fleet.refs()).toEqual([]);
});

test('a stop with nothing in hand ends at once', async () => {
  await fleet.commit({ 'tasks/.gitkeep': '' });
  const worker = new Worker(pi.context, { once: false });
  worker.stop();
  expect(await worker.run()).toBe('asked');
  expect(need((await fleet.view()).workers, 'pi').value.state).toBe('stopped');
});

test('an invalid task file is told once per version, by one worker', async () => {
  await fleet.commit({ 'tasks/a.md': '---\nkee: x\n---\nDo a.\n' });
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  expect(pi.told('invalid').map(({ path }) => path)).toEqual(['tasks/a.md']);
});

test('a branch that was moved back is told once, and what reopens does not run', async () => {
  await fleet.addTasks('a');
  const open = fleet.tip ?? '';
  endAtOnce(pi);
  fleet.remote.beforeRequest = async () => fleet.clock.advance(400);
  await new Worker(pi.context, { once: true }).run();
  fleet.remote.refs.set('refs/heads/main', open);
  pi = await fleet.boot('pi');
  expect(await new Worker(pi.context, { once: true }).run()).toBe('nothing-left');
  expect(pi.told('moved-back').map(({ ids }) => ids)).toEqual([['a']]);
  expect([pi.told('claimed'), fleet.tip]).toEqual([[], open]);
});

test('a change of the remote is looked at at once where a slot is free, and within a second where none is', async () => {
  pi = await fleet.boot('pi', { config: { slots: 1 } });
  const worker = new Worker(pi.context, { once: false });
  const { wakeups, held } = pi.context;
  const seen: { running: number; leftMs: number }[] = [];
  // Nobody waits here: each round follows the one before it.
  wakeups.wait = async () => {
    const fresh = new Wakeups(fleet.clock);
    wakeups.now = () => fresh.now();
    wakeups.soon = (elapsedMs) => fresh.soon(elapsedMs);
    worker.hint();
    seen.push({ running: held.in('running').length, leftMs: fresh.leftMs() });
    if (seen.length === 1) await fleet.addTasks('a');
    if (seen.length === 3) {
      worker.stop();
      void pi.runner.end('a');
    }
  };
  await worker.run();
  expect([seen[0], seen[2]]).toEqual([
    { running: 0, leftMs: 0 },
    { running: 1, leftMs: 1_000 },
  ]);
});
