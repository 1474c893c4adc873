import { join } from 'node:path';
import { acquireLock, inspectLock } from '@errand/queue';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Are the locks of this queue held by processes that live. */
export const locks: Check = {
  name: 'locks',
  limitMs: 10_000,
  look: async ({ queueDir }) => (queueDir === null ? [] : lookAtLocks(queueDir)),
};

const LOCKS = [
  { name: 'worker.lock', who: 'a worker' },
  { name: 'clone.lock', who: 'a command' },
];

export async function lookAtLocks(queueDir: string): Promise<Found[]> {
  const found = (await Promise.all(LOCKS.map(({ name, who }) => lookAtLock(join(queueDir, name), who)))).flat();
  return found.length > 0 ? found : ok('no lock is held');
}

async function lookAtLock(path: string, who: string): Promise<Found[]> {
  const lock = await inspectLock(path).catch((error: Error) => error);
  if (lock instanceof Error) {
    return [{ state: 'fault', what: `${path} cannot be read: ${lock.message}`, remedy: 'Correct its owner and permissions.' }];
  }
  switch (lock.state) {
    case 'free':
      return [];
    case 'held':
      return ok(`${who} is at work here (process ${lock.pid})`);
    case 'dead':
      return [judgeDead(path, lock.pid)];
  }
}

function judgeDead(path: string, pid: number | null): Found {
  return {
    state: 'note',
    what: `${path} was left by ${pid === null ? 'a process that is unknown' : `process ${pid}, which has ended`}`,
    why: 'the next process that needs it takes it over by itself',
    remedy: 'Nothing needs to be done; or remove it now:',
    command: 'errand doctor --fix',
    repair: async () => {
      const taken = await acquireLock(path, { waitMs: 0, what: 'errand doctor' });
      if ('failure' in taken) return { ok: false, why: taken.failure.message };
      await taken.lock.release();
      return { ok: true, did: `took over and removed ${path}` };
    },
  };
}
