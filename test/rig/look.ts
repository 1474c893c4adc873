import { type DescribedTask, describeTasks, noObservations, observe, type View } from '@errand/planner';
import { openQueue, readResultStates } from '@errand/queue';
import type { Scene } from './scene.ts';

/** The queue as somebody sees it who only looks: the view, and every open task with its state and reason. */
export async function look(scene: Scene, from = 'onlooker'): Promise<{ view: View; tasks: Map<string, DescribedTask> }> {
  const clock = { wallMs: () => Date.now(), elapsedMs: () => performance.now() };
  const { remote } = scene;
  const queue = openQueue({ remote: remote.url, branch: 'main', stateDir: scene.stateDir(from), clock, env: scene.machineEnv(from) });
  try {
    const read = await queue.readView();
    if (!read.ok) throw new Error(read.cause.message);
    const { view } = read;
    const states = await readResultStates(queue.port, view, queue.resultStateCache);
    const now = { wallMs: clock.wallMs(), elapsedMs: clock.elapsedMs() };
    const tasks = describeTasks(view, observe(noObservations, view), null, now, states);
    return { view, tasks: new Map(tasks.map((task) => [task.id, task])) };
  } finally {
    await queue.close();
  }
}
