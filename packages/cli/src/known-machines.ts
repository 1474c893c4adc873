import type { View } from '@errand/planner';
import type { Queue } from '@errand/queue';

/**
 * A remark where a task is for a machine that the last view does not know while it knows others; null else. A machine need
 * not be listed anywhere before its worker starts, so this is no error.
 */
export async function findUnknownMachine(queue: Queue, id: string, machine: string, me: string): Promise<string | null> {
  if (machine === 'any' || machine === me) return null;
  const { workerRef } = await import('@errand/queue');
  const prefix = workerRef('');
  const workers = (await queue.port.refs()).flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  if (workers.length === 0 || workers.includes(machine)) return null;
  const known = [...new Set([...workers, ...(await listMachines(await queue.readLastView()))])];
  if (known.includes(machine)) return null;
  const { nearestOf } = await import('@errand/task');
  const near = nearestOf(machine, known);
  const suggestion =
    near === null ? `known are ${known.join(', ')}` : `did you mean ${near}? Then: errand edit ${id} --machine ${near}`;
  return `no machine \`${machine}\` is known here yet, the task waits for it; ${suggestion}`;
}

type Seen = Pick<View, 'workers' | 'config'>;

/** A remark where somebody asks about a machine of which the queue knows nothing, while it knows others; null else. */
export async function remarkUnknownMachine(view: Seen, machine: string, me: string): Promise<string | null> {
  const known = [...new Set([...view.workers.keys(), ...(await listMachines(view))])].sort();
  if (known.length === 0 || machine === me || known.includes(machine)) return null;
  const { nearestOf } = await import('@errand/task');
  const near = nearestOf(machine, known);
  const suggestion = near === null ? '' : `; did you mean ${near}?`;
  return `no machine \`${machine}\` is known; known are ${known.join(', ')}${suggestion}`;
}

/** The machines that the queue's file lists, as far as it can be read. */
async function listMachines(view: Seen | null): Promise<string[]> {
  if (!view?.config) return [];
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', view.config.text);
  return parsed.ok ? Object.keys(parsed.value.machines) : [];
}
