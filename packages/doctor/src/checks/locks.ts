import { acquireLock, inspectLock, listLocks } from '@errand/queue';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Are the locks of errand on this machine held by processes that live: of every queue here, of clones, of housekeeping. */
export const locks: Check = { name: 'locks', limitMs: 10_000, look: async ({ stateDir }) => lookAtLocks(stateDir) };

async function lookAtLocks(stateDir: string): Promise<Found[]> {
  const found = (await Promise.all((await listLocks(stateDir)).map(lookAtLock))).flat();
  return found.length > 0 ? found : ok('no lock is held');
}

async function lookAtLock(path: string): Promise<Found[]> {
  const lock = await inspectLock(path).catch((error: Error) => error);
  if (lock instanceof Error) {
    return [{ state: 'fault', what: `${path} cannot be read: ${lock.message}`, remedy: 'Correct its owner and permissions.' }];
  }
  switch (lock.state) {
    case 'free':
      return [];
    case 'held':
      return ok(`process ${lock.pid} is at work here (${lock.what})`);
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
