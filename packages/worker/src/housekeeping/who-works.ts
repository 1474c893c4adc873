import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { View } from '@errand/planner';
import { readIfThere, writeDurably } from '@errand/queue';
import type { AtWork } from '@errand/workspace';
import { listInside } from './list-inside.ts';
import { listQueues } from './list-queues.ts';

/** In a queue's folder: the tasks whose session waits on this machine, for who sweeps without a view of that queue. */
export const GOES_ON_HERE = 'goes-on-here.json';

/**
 * What any worker of this state directory has begun and its queue has not been told yet, by the journals on the disk, and whose
 * session waits here, on any queue: another process may sweep here too. A journal that cannot be read protects by its name alone.
 */
export async function readAtWork(stateDir: string): Promise<{ nonces: Set<string>; ids: Set<string> }> {
  const [nonces, ids] = [new Set<string>(), new Set<string>()];
  for (const queue of await listQueues(stateDir)) {
    for (const id of readIds(await readIfThere(join(queue, GOES_ON_HERE)).catch(() => null))) ids.add(id);
    for (const { name, path } of await listInside(join(queue, 'journal'))) {
      if (!name.endsWith('.json')) continue;
      nonces.add(name.slice(0, -'.json'.length));
      const id = readId(await readFile(path, 'utf8').catch(() => ''));
      if (id !== null) ids.add(id);
    }
  }
  return { nonces, ids };
}

/** Tasks whose session waits on this machine to be gone on with, in the folder where it stopped. */
export function idsThatGoOnHere(view: View, machine: string): string[] {
  return [...view.records.values()].flatMap(({ value }) =>
    value.state === 'waiting' && value.next?.session?.worker === machine ? [value.id] : [],
  );
}

/** Writes down whose session waits here, as this queue's view has it. Never rejects: what was written before protects on a full disk. */
export async function noteGoesOnHere(queueDir: string, ids: readonly string[]): Promise<void> {
  await writeDurably(join(queueDir, GOES_ON_HERE), `${JSON.stringify({ ids })}\n`, { sync: false }).catch(() => undefined);
}

/** Both together. */
export function joinAtWork(one: AtWork, other: AtWork): AtWork {
  return {
    nonces: new Set([...one.nonces, ...other.nonces]),
    ids: new Set([...(one.ids ?? []), ...(other.ids ?? [])]),
    cwds: new Set([...(one.cwds ?? []), ...(other.cwds ?? [])]),
  };
}

function readId(text: string): string | null {
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

function readIds(text: string | null): string[] {
  try {
    const { ids } = JSON.parse(text ?? '{}') as { ids?: unknown };
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
