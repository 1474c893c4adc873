import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { httpRemote, pathRemote, sshRemote, type TestRemote, whyNoSshRemote } from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { isEvent, Scene, script } from '../rig/scene.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';

const remotes: [string, () => Promise<TestRemote>][] = [
  ['a path', pathRemote],
  ['http', httpRemote],
  ['ssh', sshRemote],
];
const here = remotes.filter(([kind]) => kind !== 'ssh' || whyNoSshRemote() === null);

/** Commits tasks that say `ready`, stand at a gate of their own name, and answer with it. */
async function addGated(scene: Scene, gates: Gates, ids: readonly string[], keys = ''): Promise<void> {
  const ada = await scene.person();
  for (const id of ids) await ada.writeTask(id, script(`echo ready\n${await gates.build(id)}\necho ${id}`, keys));
  await ada.commit();
  await ada.push();
}

const isReady = (id: string) => (event: WorkerEvent) =>
  event.type === 'agent' && event.id === id && event.event.type === 'output';

/** What happened from one event on. */
function since(worker: WorkerProcess, event: WorkerEvent): WorkerEvent[] {
  return worker.events.slice(worker.events.indexOf(event));
}

test.each(here)(
  'while a remote over %s is away a worker keeps what it finished, claims nothing, and records all of it in one fold after',
  async (_kind, open) => {
    await using scene = await Scene.open(open);
    await using gates = new Gates(join(scene.folder, 'gates'));
    await addGated(scene, gates, ['a', 'b', 'c', 'd'], 'machine: pi');
    const worker = await scene.worker('pi', { slots: 3, config: 'poll: { interval: 2s }' });
    for (const id of ['a', 'b', 'c']) await worker.waitFor(isReady(id), `${id} runs`);
    const before = await scene.remote.repository.resolve('refs/heads/main');

    await scene.remote.goAway();
    const away = await worker.waitFor(isEvent('poll-failed'), 'the outage');
    await gates.open('a');
    await gates.open('b');
    for (const id of ['a', 'b']) await worker.waitFor(isEvent('journaled', id), `${id} in the journal`);
    let failures = 3;
    await worker.waitFor((event) => event.type === 'poll-failed' && --failures === 0, 'three failed polls');
    await scene.remote.comeBack();
    const back = await worker.waitFor(isEvent('remote-back'), 'the remote');
    for (const id of ['a', 'b']) await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);
    const log = await scene.remote.repository.git('log', '--format=%s', `${before}..main`);
    expect(log.trim()).toBe('results: 2 done');
    await gates.open('c');
    await gates.open('d');
    for (const id of ['c', 'd']) await worker.waitFor(isEvent('recorded', id), `the result of ${id}`);

    const outage = since(worker, away).slice(0, since(worker, away).indexOf(back));
    expect(outage.filter(({ type }) => type === 'push-started' || type === 'claimed')).toEqual([]);
    expect(back.awayMs).toBeGreaterThan(0);
    for (const { cause, retryInMs } of outage.filter(isEvent('poll-failed'))) {
      expect(cause).toMatch(/\S/);
      expect(cause).not.toContain('correct-horse');
      expect(retryInMs).toBeGreaterThanOrEqual(500);
      expect(retryInMs).toBeLessThanOrEqual(2_000);
    }
    for (const id of ['a', 'b', 'c', 'd']) {
      expect((await scene.results(id)).map(({ result }) => [result.state, result.answer])).toEqual([['done', `ready\n${id}`]]);
      expect(worker.events.filter(isEvent('spawned', id))).toHaveLength(1);
    }
    expect(await scene.leftovers()).toEqual([]);
    expect(worker.events.filter(isEvent('trouble'))).toEqual([]);
  },
);

test('a worker that is stopped while the remote is away leaves its results to its next start, which runs nothing again', async () => {
  await using scene = await Scene.open();
  await using gates = new Gates(join(scene.folder, 'gates'));
  await addGated(scene, gates, ['a']);
  const first = await scene.worker('pi', { config: 'poll: { interval: 1s }' });
  await first.waitFor(isReady('a'), 'a runs');
  await scene.remote.goAway();
  await first.waitFor(isEvent('poll-failed'), 'the outage');
  await gates.open('a');
  await first.waitFor(isEvent('journaled', 'a'), 'a in the journal');
  await first.stop();
  const [queue = ''] = await readdir(join(scene.stateDir('pi'), 'queues'));
  expect(await readdir(join(scene.stateDir('pi'), 'queues', queue, 'journal'))).toHaveLength(1);

  await scene.remote.comeBack();
  const second = await scene.worker('pi', { once: true });
  expect(await second.exited).toEqual({ code: 0, signal: null });
  expect(second.events.filter(isEvent('spawned'))).toEqual([]);
  expect((await scene.results('a')).map(({ result }) => result.state)).toEqual(['done']);
  expect(await readdir(join(scene.stateDir('pi'), 'queues', queue, 'journal'))).toEqual([]);
  expect(await scene.leftovers()).toEqual([]);
});

test('an agent is frozen when the lease runs out, and goes on when the remote is back and the task still its own', async () => {
  await using scene = await Scene.open();
  await using gates = new Gates(join(scene.folder, 'gates'));
  await addGated(scene, gates, ['a']);
  const worker = await scene.worker('pi', { config: 'poll: { interval: 1s }\nlease: { heartbeat: 1s, ttl: 3s }' });
  await worker.waitFor(isReady('a'), 'a runs');
  await scene.remote.goAway();
  const away = await worker.waitFor(isEvent('poll-failed'), 'the outage');
  await worker.waitFor(
    (event) => event.type === 'frozen' && worker.events.indexOf(event) > worker.events.indexOf(away),
    'a frozen',
  );
  await gates.open('a');
  await scene.remote.comeBack();
  const back = await worker.waitFor(isEvent('remote-back'), 'the remote');
  await worker.waitFor(isEvent('recorded', 'a'), 'the result');
  const types = since(worker, back).map(({ type }) => type);
  expect(types.indexOf('thawed')).toBeGreaterThan(0);
  expect(types.indexOf('ended')).toBeGreaterThan(types.indexOf('thawed'));
  expect(worker.events.filter(isEvent('spawned'))).toHaveLength(1);
  expect((await scene.results('a')).map(({ result }) => [result.state, result.attempts.length])).toEqual([['done', 1]]);
});
