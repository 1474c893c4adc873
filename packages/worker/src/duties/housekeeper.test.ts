import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { View } from '@errand/planner';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HouseReport } from '../housekeeping/keep-house.ts';
import { Fleet, type Machine } from '../rig/fleet.ts';
import { Worker } from '../worker.ts';
import { Housekeeper } from './housekeeper.ts';

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi');
});
afterEach(() => fleet[Symbol.asyncDispose]());

const report = (more: Partial<Extract<HouseReport, { kind: 'done' }>> = {}): HouseReport => ({
  kind: 'done',
  rows: [],
  lost: [],
  tooMuchBytes: null,
  lackingBytes: null,
  stuck: [],
  more: false,
  ...more,
});

async function round(housekeeper: Housekeeper): Promise<void> {
  await pi.round(housekeeper);
  await housekeeper.settle();
}

test('the disk is looked at from the start on, every ten minutes; sooner where there was more to do', async () => {
  const housekeeper = new Housekeeper(pi.context);
  await round(housekeeper);
  fleet.clock.advance(600_000 - 1);
  await round(housekeeper);
  expect(pi.runner.swept).toHaveLength(1);
  fleet.clock.advance(1);
  pi.runner.houseReport = report({ more: true });
  await round(housekeeper);
  expect(pi.runner.swept).toHaveLength(2);
  fleet.clock.advance(60_000);
  await round(housekeeper);
  expect(pi.runner.swept).toHaveLength(3);
});

test('a worker that starts without the remote knows from the last look whose session waits here, and so does any other sweep', async () => {
  const view = await pi.look();
  const record = { value: { state: 'waiting', id: 'b', next: { session: { id: 's', worker: 'pi' } } } };
  const records = new Map<string, unknown>([['b', record]]) as View['records'];
  pi.context.queue.readLastView = async () => ({ ...view, records });
  const housekeeper = new Housekeeper(pi.context);
  housekeeper.begin();
  await housekeeper.settle();
  expect(pi.runner.swept).toMatchObject([{ ids: new Set(['b']) }]);
  expect(await readFile(`${pi.context.queue.dir}/goes-on-here.json`, 'utf8')).toBe('{"ids":["b"]}\n');
});

test('what cannot be deleted is told once, with the reason', async () => {
  const housekeeper = new Housekeeper(pi.context);
  pi.runner.houseReport = report({ stuck: [{ path: '/s/trash/1', why: 'something is mounted at /s/trash/1/m; unmount it' }] });
  await round(housekeeper);
  fleet.clock.advance(3_600_000);
  await round(housekeeper);
  const text = 'cannot delete /s/trash/1: something is mounted at /s/trash/1/m; unmount it';
  expect(pi.told('trouble')).toEqual([{ type: 'trouble', duty: 'housekeeping', text }]);
});

test('the loop does not wait for it, and no second round begins beside the first', async () => {
  const housekeeper = new Housekeeper(pi.context);
  let end = (): void => {};
  let begun = 0;
  const begins = new EventEmitter();
  pi.runner.sweep = () => {
    begun += 1;
    begins.emit('begun');
    return new Promise((resolve) => {
      end = () => resolve(report());
    });
  };
  await Promise.all([once(begins, 'begun'), pi.round(housekeeper)]);
  fleet.clock.advance(7_200_000);
  await pi.round(housekeeper);
  expect(begun).toBe(1);
  end();
  await housekeeper.settle();
  await Promise.all([once(begins, 'begun'), pi.round(housekeeper)]);
  expect(begun).toBe(2);
  end();
});

test('what it deleted is told; lost results and a lack of room are troubles, the latter once', async () => {
  const housekeeper = new Housekeeper(pi.context);
  const row = { kind: 'logs' as const, count: 3, bytes: 30, gone: 2, goneBytes: 20 };
  pi.runner.houseReport = report({ rows: [row], lost: ['/s/kept/a.md'], tooMuchBytes: 2 ** 34 });
  await round(housekeeper);
  expect(pi.told('kept-house')).toEqual([{ type: 'kept-house', removed: 2, freedBytes: 20 }]);
  expect(pi.told('trouble').map(({ text }) => text)).toEqual([
    expect.stringContaining('/s/kept/a.md'),
    expect.stringContaining('16384 MiB'),
  ]);
  pi.runner.houseReport = report({ tooMuchBytes: 2 ** 34 });
  fleet.clock.advance(3_600_000);
  await round(housekeeper);
  expect(pi.told('trouble')).toHaveLength(2);
});

test('a disk that lacks room though nothing more may go is said once, as that and not as too much of ours', async () => {
  const housekeeper = new Housekeeper(pi.context);
  pi.runner.houseReport = report({ lackingBytes: 3 * 2 ** 20 });
  for (const _ of [1, 2]) {
    await round(housekeeper);
    fleet.clock.advance(3_600_000);
  }
  const text =
    "the disk lacks 3 MiB that a worker needs free to go on, and nothing more of Errand's may go; delete what other programs keep on it, or give pi a larger one";
  expect(pi.told('trouble')).toEqual([{ type: 'trouble', duty: 'housekeeping', text }]);
});

test('tasks that it holds, and those whose session waits here, are named to whoever deletes', async () => {
  await fleet.addTasks('a');
  const housekeeper = new Housekeeper(pi.context);
  pi.context.held.add({ id: 'a', nonce: 'n1', attempt: 1, phase: { name: 'giving-back', why: 'a test' } });
  const view = await pi.look();
  const record = { value: { state: 'waiting', id: 'b', next: { session: { id: 's', worker: 'pi' } } } };
  const elsewhere = { value: { state: 'waiting', id: 'c', next: { session: { id: 's', worker: 'vm' } } } };
  const records = new Map<string, unknown>([
    ['b', record],
    ['c', elsewhere],
  ]) as View['records'];
  await housekeeper.tend({ ...view, records });
  await housekeeper.settle();
  expect(pi.runner.swept).toMatchObject([{ ids: new Set(['a', 'b']), nonces: new Set(['n1']) }]);
});

test('a failure of it is told and tried again', async () => {
  const housekeeper = new Housekeeper(pi.context);
  pi.runner.sweep = () => Promise.reject(new Error('no such luck'));
  await round(housekeeper);
  expect(pi.told('trouble')).toMatchObject([{ duty: 'housekeeping', text: expect.stringContaining('no such luck') }]);
});

test('it is done without a view, too: a disk that is full may be why there is none', async () => {
  pi.context.queue.readView = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const worker = new Worker(pi.context, { once: false });
  pi.runner.sweep = async () => {
    worker.stop();
    return report();
  };
  expect(await worker.run()).toBe('asked');
});
