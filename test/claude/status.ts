import { fileURLToPath } from 'node:url';
import { mustRun } from '@errand/testing';
import type { TestQueue } from '../rig/test-queue.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** The reason that `errand status` gives why nobody runs a task; throws where there is none. */
export async function whyItWaits(queue: TestQueue, id: string): Promise<string> {
  const env = { ...queue.env, ERRAND_STATE_DIR: queue.path('laptop'), ERRAND_QUEUE: queue.repository.dir };
  const report = JSON.parse(await mustRun(process.execPath, [ERRAND, 'status', '--json'], { cwd: queue.path(), env })) as {
    tasks: { id: string; reason: string | null }[];
  };
  const reason = report.tasks.find((task) => task.id === id)?.reason;
  if (reason == null) throw new Error(`nothing keeps ${id}: ${JSON.stringify(report.tasks)}`);
  return reason;
}
