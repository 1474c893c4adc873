import { expect, test } from 'vitest';
import { countPushes } from '../rig/count-pushes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

const ROUNDS = 200;

test('two workers race for one task, 200 times: one run each time', { timeout: 300_000 }, async () => {
  await using queue = await TestQueue.open();
  await queue.person.write('README.md', 'queue\n');
  const workers = [await queue.startWorker('pi'), await queue.startWorker('vm')];
  await Promise.all(workers.map((worker) => worker.waitFor(({ type }) => type === 'polled', 'a look at the queue')));
  const began = performance.now();
  const ids = Array.from({ length: ROUNDS }, (_, round) => `round-${round}`);
  for (const id of ids) {
    await queue.file({ [id]: `---\nagent: command\n---\n${NOTE_RUN}\n` });
    // The slot is free then; the result may wait for its fold while the next race goes on.
    await Promise.any(
      workers.map((worker) => worker.waitFor((event) => event.type === 'journaled' && event.id === id, `a run of ${id}`)),
    );
  }
  for (const id of ids) {
    const isIt = (event: { type: string; id?: string }) => event.type === 'recorded' && event.id === id;
    await Promise.any(workers.map((worker) => worker.waitFor(isIt, `the result of ${id}`)));
  }
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(workers.map((worker) => worker.stop()));

  const runs = await queue.runs();
  expect(runs.map(({ id }) => id).sort()).toEqual([...ids].sort());
  const results = await queue.results();
  for (const { id, machine } of runs) {
    expect(results.get(id)).toMatchObject({ state: 'done', attempts: [{ attempt: 1, outcome: 'done', worker: machine }] });
  }
  expect(results.size).toBe(ROUNDS);
  expect(await queue.openRefs()).toEqual([]);
  const lost = workers
    .flatMap((worker) => worker.all('push-ended'))
    .filter(({ purpose, ok }) => purpose === 'claim' && !ok).length;
  console.info(`${ROUNDS} races in ${seconds.toFixed(1)} s, ${lost} claims lost; ${countPushes(workers, ROUNDS)}`);
});
