import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { View } from '@errand/planner';
import type { AtWork } from '@errand/workspace';
import { listInside } from './list-inside.ts';

/**
 * What any worker of this state directory has begun and its queue has not been told yet, by the journals on the disk: another process
 * may sweep here too. A file that cannot be read protects by its name alone.
 */
export async function readAtWork(stateDir: string): Promise<{ nonces: Set<string>; ids: Set<string> }> {
  const [nonces, ids] = [new Set<string>(), new Set<string>()];
  for (const queue of await listInside(join(stateDir, 'queues'))) {
    for (const { name, path } of queue.isFolder ? await listInside(join(queue.path, 'journal')) : []) {
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
