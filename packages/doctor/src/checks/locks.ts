import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '@errand/queue';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Are the locks of this queue held by processes that live. */
export const locks: Check = {
  name: 'locks',
  about: 'machine',
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
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (text instanceof Error) {
    if (text.code === 'ENOENT') return [];
    return [{ state: 'fault', what: `${path} cannot be read: ${text.message}`, remedy: 'Correct its owner and permissions.' }];
  }
  const pid = readPid(text);
  // Whoever takes the lock finds out more: whether it is still the same process.
  if (pid !== null && isRunning(pid)) return [{ state: 'ok', what: `${who} is at work here (process ${pid})` }];
  return [
    {
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
    },
  ];
}

function readPid(text: string): number | null {
  try {
    const { pid } = JSON.parse(text) as { pid?: unknown };
    return typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
