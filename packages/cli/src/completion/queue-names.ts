import type { QueueConfig } from '@errand/config';
import type { Queue, TreeEntry } from '@errand/queue';

/** Ids of a queue as this machine last saw it. */
export interface KnownTasks {
  open: string[];
  /** Newest day first. */
  finished: { id: string; day: string }[];
}

/** The tasks of the last view, from names of files alone: no file is read, and nothing is asked of the remote. */
export async function readTaskNames(queue: Queue): Promise<KnownTasks> {
  const { branchRef, listFolder, readTree } = await import('@errand/queue');
  const { taskIdOfPath, isTaskId } = await import('@errand/task');
  const unsent = (await queue.outbox.pending()).map(({ id }) => id);
  const tip = (await queue.port.refs()).find(({ name }) => name === branchRef(queue.branch))?.oid ?? null;
  const files = (await listFolder(queue.port, tip, 'tasks')) ?? [];
  const days = ((await listFolder(queue.port, tip, 'results')) ?? []).filter(isFolder).reverse();
  const listings = await Promise.all(days.map(({ oid }) => readTree(queue.port, oid)));
  const finished = days.flatMap(({ name: day }, at) =>
    (listings[at] ?? []).flatMap(({ name }) => {
      const id = name.slice(0, -'.md'.length);
      return name.endsWith('.md') && isTaskId(id) ? [{ id, day }] : [];
    }),
  );
  const over = new Set(finished.map(({ id }) => id));
  const filed = files.flatMap((entry) => (isFolder(entry) ? [] : (taskIdOfPath(`tasks/${entry.name}`) ?? [])));
  return { open: [...new Set([...unsent, ...filed])].filter((id) => !over.has(id)), finished };
}

/** Machines that work, or are listed in the queue's file, as last seen. */
export async function readMachineNames(queue: Queue): Promise<string[]> {
  const { workerRef } = await import('@errand/queue');
  const prefix = workerRef('');
  const workers = (await queue.port.refs()).flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return [...new Set([...workers, ...Object.keys((await readConfig(queue))?.machines ?? {})])];
}

/** Repositories by their short name in the queue's file, as last seen. */
export async function readRepoNames(queue: Queue): Promise<string[]> {
  return Object.keys((await readConfig(queue))?.repos ?? {});
}

async function readConfig(queue: Queue): Promise<QueueConfig | null> {
  const { branchRef, listFolder } = await import('@errand/queue');
  const tip = (await queue.port.refs()).find(({ name }) => name === branchRef(queue.branch))?.oid ?? null;
  const file = (await listFolder(queue.port, tip, 'config'))?.find(({ name }) => name === 'errand.yaml');
  const object = file === undefined ? null : await queue.port.read(file.oid);
  if (object?.type !== 'blob') return null;
  const { parseQueueConfig } = await import('@errand/config');
  const parsed = parseQueueConfig('config/errand.yaml', object.content.toString('utf8'));
  return parsed.ok ? parsed.value : null;
}

function isFolder({ mode }: TreeEntry): boolean {
  return mode === '40000';
}
