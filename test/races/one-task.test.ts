import { expect, test } from 'vitest';
import { countPushes } from '../rig/count-pushes.ts';
import { isEvent, script } from '../rig/scene.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

const ROUNDS = 20;
/** Filed in one commit, and claimed in one push: each is won or lost alone. */
const TOGETHER = 10;
const RACES = ROUNDS * TOGETHER;

test('two workers race for each of 200 tasks: one run each time', { timeout: 300_000 }, async () => {
  await using queue = await TestQueue.open();
  await queue.person.write('README.md', 'queue\n');
  const slots = { slots: TOGETHER };
  const workers = [await queue.startWorker('pi', slots), await queue.startWorker('vm', slots)];
  await Promise.all(workers.map((worker) => worker.waitFor(({ type }) => type === 'polled', 'a look at the queue')));
  const began = performance.now();
  const ids: string[] = [];
  const oneOf = (type: 'journaled' | 'recorded', id: string) =>
    Promise.any(workers.map((worker) => worker.waitFor(isEvent(type, id), `${id} ${type}`)));
  for (let round = 0; round < ROUNDS; round++) {
    const together = Array.from({ length: TOGETHER }, (_, number) => `round-${round}-${number}`);
    await queue.file(Object.fromEntries(together.map((id) => [id, script(NOTE_RUN)])));
    // The slots are free then; the results may wait for their fold while the next race goes on.
    for (const id of together) await oneOf('journaled', id);
    ids.push(...together);
  }
  for (const id of ids) await oneOf('recorded', id);
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(workers.map((worker) => worker.stop()));

  const runs = await queue.runs();
  expect(runs.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const results = await queue.results();
  for (const { id, machine } of runs) {
    expect(results.get(id)).toMatchObject({ state: 'done', attempts: [{ attempt: 1, outcome: 'done', worker: machine }] });
  }
  expect(results.size).toBe(RACES);
  expect(await queue.openRefs()).toEqual([]);
  const lost = workers
    .flatMap((worker) => worker.all('push-ended'))
    .filter(({ purpose, ok }) => purpose === 'claim' && !ok).length;
  console.info(`${RACES} races in ${seconds.toFixed(1)} s, ${lost} pushes of claims lost; ${countPushes(workers, RACES)}`);
});
