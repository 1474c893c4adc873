import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerEvent } from '@errand/worker';
import { expect, test } from 'vitest';
import { Gates } from '../rig/gates.ts';
import { overRemotes } from '../rig/over-remotes.ts';
import { isEvent, type Scene, script } from '../rig/scene.ts';

const SOON = 'poll: { interval: 1s }';

const isReady = (id: string) => (event: WorkerEvent) =>
  event.type === 'agent' && event.id === id && event.event.type === 'output';

/** A person files tasks, each by its id, in one commit. */
async function file(scene: Scene, tasks: { [id: string]: string }) {
  const ada = await scene.person();
  for (const [id, text] of Object.entries(tasks)) await ada.writeTask(id, text);
  await ada.commit();
  await ada.push();
  return ada;
}

overRemotes((open) => {
  test('a task that is delegated on one machine is claimed, run and recorded by another', async () => {
    await using scene = await open();
    const worker = await scene.worker('pi', { config: SOON });
    const delegated = await scene.errand('laptop', 'delegate', 'pi', '--agent', 'command', 'echo it works');
    expect(delegated.exitCode).toBe(0);
    const id = delegated.stdout.trim();
    expect(await worker.waitFor(isEvent('claimed', id), 'the claim')).toMatchObject({ attempt: 1 });
    expect(await worker.waitFor(isEvent('recorded', id), 'the result')).toMatchObject({ state: 'done', byMe: true });

    const [only, ...more] = await scene.results(id);
    expect(more).toEqual([]);
    expect(only?.result).toMatchObject({ state: 'done', answer: 'it works', attempts: [{ worker: 'pi', outcome: 'done' }] });
    expect(await scene.leftovers()).toEqual([]);
    expect(worker.events.filter(isEvent('trouble'))).toEqual([]);
  });

  test('two workers that race for a handful of tasks run each once', async () => {
    await using scene = await open();
    const runs = join(scene.folder, 'runs');
    const workers = await Promise.all(
      ['pi', 'vm'].map((machine) =>
        scene.worker(machine, { slots: 2, config: SOON, agentEnv: { RUNS: runs, MACHINE: machine } }),
      ),
    );
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await file(scene, Object.fromEntries(ids.map((id) => [id, script('echo "$ERRAND_ID $MACHINE" >> "$RUNS"')])));
    for (const id of ids) {
      await Promise.any(workers.map((worker) => worker.waitFor(isEvent('recorded', id), `the result of ${id}`)));
    }
    await Promise.all(workers.map((worker) => worker.stop()));

    const ran = (await readFile(runs, 'utf8')).trim().split('\n');
    expect(ran.map((line) => line.split(' ')[0]).sort()).toEqual(ids);
    for (const line of ran) {
      const [id = '', machine] = line.split(' ');
      const results = (await scene.results(id)).map(({ result }) => [result.state, result.attempts.map(({ worker }) => worker)]);
      expect(results).toEqual([['done', [machine]]]);
    }
    expect(await scene.leftovers()).toEqual([]);
  });

  test('a task whose file a person removes while it runs is ended and recorded as cancelled', async () => {
    await using scene = await open();
    await using gates = new Gates(join(scene.folder, 'gates'));
    const ada = await file(scene, { a: script(`echo ready\n${await gates.build('a')}\necho never said`) });
    const worker = await scene.worker('pi', { config: SOON });
    await worker.waitFor(isReady('a'), 'a runs');
    await ada.remove('tasks/a.md');
    await ada.commit('not needed any more');
    await ada.push();
    expect(await worker.waitFor(isEvent('recorded', 'a'), 'the result')).toMatchObject({ state: 'cancelled' });
    expect((await scene.results('a')).map(({ result }) => [result.state, result.answer])).toEqual([['cancelled', 'ready']]);
  });

  test('a remote that goes away in the middle of a run has its result once when it is back', async () => {
    await using scene = await open();
    await using gates = new Gates(join(scene.folder, 'gates'));
    await file(scene, { a: script(`echo ready\n${await gates.build('a')}\necho finished`) });
    const worker = await scene.worker('pi', { config: SOON });
    await worker.waitFor(isReady('a'), 'a runs');
    await scene.remote.goAway();
    await worker.waitFor(isEvent('poll-failed'), 'the outage');
    await gates.open('a');
    await worker.waitFor(isEvent('journaled', 'a'), 'the end of the run');
    await scene.remote.comeBack();
    await worker.waitFor(isEvent('recorded', 'a'), 'the result');
    await worker.stop();

    expect((await scene.results('a')).map(({ result }) => [result.state, result.answer])).toEqual([['done', 'ready\nfinished']]);
    const commits = await scene.remote.repository.git('log', '--format=%s', 'main', '--', 'results');
    expect(commits.trim().split('\n')).toEqual([expect.stringMatching(/^done: a /)]);
    expect(worker.events.filter(isEvent('spawned'))).toHaveLength(1);
    expect(await scene.leftovers()).toEqual([]);
  });
});
