import { taskRef } from '@errand/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fleet, type Machine, need, taskText } from '../rig/fleet.ts';
import { Claimer } from './claimer.ts';
import { Keeper } from './keeper.ts';
import { Releaser } from './releaser.ts';

let fleet: Fleet;
let pi: Machine;

beforeEach(async () => {
  fleet = new Fleet();
  pi = await fleet.boot('pi', { config: { slots: 4 } });
});
afterEach(() => fleet[Symbol.asyncDispose]());

async function run(...ids: string[]): Promise<void> {
  await pi.round(new Claimer(pi.context));
  await pi.round(new Keeper(pi.context));
  expect(
    pi.context.held
      .in('running')
      .map(({ held }) => held.id)
      .sort(),
  ).toEqual(ids);
}

test('a failed attempt waits for its next try with its history, the key is free, and the journal forgets it', async () => {
  await fleet.commit({ 'tasks/a.md': taskText('a', 'key: deploy\n') });
  await run('a');
  await pi.runner.end('a', 'failed');
  await pi.round(new Releaser(pi.context));
  const view = await fleet.view();
  expect(need(view.records, 'a').value).toMatchObject({
    state: 'waiting',
    reason: 'failed on `pi`: exit for failed',
    attempts: [{ attempt: 1, outcome: 'failed' }],
    next: { wait_s: 10 },
  });
  expect([view.keys.size, pi.context.held.size, await pi.context.journal.read()]).toEqual([0, 0, []]);
  expect(pi.told('retrying')).toMatchObject([{ id: 'a' }]);
});

test('an attempt that was stopped with its worker is due at once and can be read by everyone', async () => {
  await fleet.addTasks('a');
  await run('a');
  await pi.runner.end('a', 'stopped');
  await pi.round(new Releaser(pi.context));
  const view = await fleet.view();
  expect(view.unreadable.size).toBe(0);
  const waiting = need(view.records, 'a').value;
  expect(waiting.attempts).toMatchObject([{ outcome: 'stopped' }]);
  await run('a');
  expect(pi.runner.get('a').work.record).toMatchObject({ attempt: 2 });
});

test('one release that fails keeps no other: without keys each is on its own', async () => {
  await fleet.addTasks('a', 'b');
  await run('a', 'b');
  await pi.runner.end('a', 'failed');
  await pi.runner.end('b', 'failed');
  const view = await pi.look();
  fleet.remote.refs.delete(taskRef('a'));
  await new Releaser(pi.context).tend(view);
  expect(pi.context.held.ids()).toEqual(new Set(['a']));
  expect(need((await fleet.view()).records, 'b').value.state).toBe('waiting');
});

test('a release whose answer was lost is settled by the next view, not pushed over what came after', async () => {
  await fleet.addTasks('a');
  await run('a');
  await pi.runner.end('a', 'failed');
  const view = await pi.look();
  fleet.remote.loseNextAnswer();
  await new Releaser(pi.context).tend(view);
  expect(pi.context.held.size).toBe(1);
  const { oid } = need((await fleet.view()).records, 'a');
  await pi.round(new Keeper(pi.context), new Releaser(pi.context));
  expect(pi.context.held.size).toBe(0);
  expect(fleet.remote.refs.get(taskRef('a'))).toBe(oid);
});

test('a server that refuses is asked again after a minute', async () => {
  await fleet.addTasks('a');
  await run('a');
  await pi.runner.end('a', 'failed');
  fleet.remote.hook = () => 'read only today';
  const releaser = new Releaser(pi.context);
  await pi.round(releaser);
  const { pushes } = fleet.remote;
  await pi.round(releaser);
  expect([fleet.remote.pushes, pi.told('refused').length, pi.context.held.size]).toEqual([pushes, 1, 1]);
  fleet.remote.hook = () => null;
  fleet.clock.advance(60_000);
  await pi.round(releaser);
  expect(need((await fleet.view()).records, 'a').value.state).toBe('waiting');
});
