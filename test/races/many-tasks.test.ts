import { expect, test } from 'vitest';
import { countPushes } from '../rig/count-pushes.ts';
import { NOTE_RUN, TestQueue } from '../rig/test-queue.ts';

const TASKS = 200;

test('four workers and 200 tasks at once: 200 runs, 200 results, nothing left over', { timeout: 300_000 }, async () => {
  await using queue = await TestQueue.open();
  const ids = Array.from({ length: TASKS }, (_, number) => `task-${number}`);
  const workers = await Promise.all(['ada', 'bob', 'cy', 'dee'].map((machine) => queue.startWorker(machine, { slots: 4 })));
  const began = performance.now();
  await queue.file(Object.fromEntries(ids.map((id) => [id, `---\nagent: command\n---\n${NOTE_RUN}\n`])));
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
  expect(results.size).toBe(TASKS);
  expect(new Set([...results.values()].map(({ nonce }) => nonce)).size).toBe(TASKS);
  expect(await queue.openRefs()).toEqual([]);
  expect(await queue.fsck()).toBe('');
  await queue.untilNothingRuns();
  const shares = workers.map(({ machine }) => `${machine} ${runs.filter((run) => run.machine === machine).length}`).join(', ');
  console.info(`${TASKS} tasks in ${seconds.toFixed(1)} s (${shares}); ${countPushes(workers, TASKS)}`);
});
