import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';

/** What the worker of this machine holds back, because the branch was moved back behind results that it has seen. */
export interface HeldHere {
  machine: string;
  ids: ReadonlySet<string>;
}

/** Looks into what that worker has written down; null where it holds nothing, or where no heartbeat is one of its own. */
export async function findHeldHere(queue: Queue, view: View): Promise<HeldHere | null> {
  const { readHeldBack, readWorkerMemory } = await import('@errand/queue');
  const ids = await readHeldBack(queue.dir, view);
  const memory = ids.size === 0 ? null : await readWorkerMemory(queue.dir);
  const beat = [...view.workers.values()].find(({ value }) => memory?.boots.includes(value.boot));
  return beat === undefined ? null : { machine: beat.value.machine, ids };
}

/** Why a held task does not run, and what to do. */
export function describeHeld(id: string): string {
  return `held here: the branch was moved back, and ${id} had finished; errand retry ${id} runs it again`;
}
