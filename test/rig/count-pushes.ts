import type { WorkerProcess } from './worker-process.ts';

/** How many pushes these workers sent, for each task and by purpose, in words. */
export function countPushes(workers: readonly WorkerProcess[], tasks: number): string {
  const counts = new Map<string, number>();
  for (const { purpose } of workers.flatMap((worker) => worker.all('push-started')))
    counts.set(purpose, (counts.get(purpose) ?? 0) + 1);
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `${(all / tasks).toFixed(2)} pushes per task (${[...counts].map(([purpose, count]) => `${purpose} ${count}`).join(', ')})`;
}
