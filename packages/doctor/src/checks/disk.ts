import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { locateRepository } from '../remote/server-command.ts';

const MIB = 1024 * 1024;
/** Below this nothing can be relied on: a commit, a journal entry and a log must fit. */
const NEARLY_FULL_BYTES = 50 * MIB;
const LOW_BYTES = 500 * MIB;
const LOW_FILES = 5_000;

/** Is there room for what errand keeps, and for the queue where its repository is on this machine. */
export const disk: Check = {
  name: 'disk',
  limitMs: 10_000,
  look: async ({ stateDir, machine }) => {
    const place = machine?.queue ? locateRepository(machine.queue) : null;
    const paths = [{ path: stateDir, what: 'the state directory' }];
    if (place?.isHere && place.path !== null) paths.push({ path: place.path, what: 'the repository of the queue' });
    return (await Promise.all(paths.map(({ path, what }) => lookAtRoom(path, what)))).flat();
  },
};

async function lookAtRoom(path: string, what: string): Promise<Found[]> {
  const room = await statfs(path).catch(() => null);
  if (room !== null) return judgeRoom(what, path, room.bavail * room.bsize, room.files === 0 ? null : room.ffree);
  const above = dirname(path);
  return above === path ? [] : lookAtRoom(above, what);
}

/** `freeFiles`: null where the file system does not count them. */
export function judgeRoom(what: string, path: string, freeBytes: number, freeFiles: number | null): Found[] {
  const free = freeBytes > 10 * 1024 * MIB ? `${Math.round(freeBytes / 1024 / MIB)} GiB` : `${Math.round(freeBytes / MIB)} MiB`;
  const remedy = 'Make room there; errand removes old workspaces and logs of its own by itself.';
  if (freeBytes < NEARLY_FULL_BYTES) {
    return [
      { state: 'fault', what: `the disk of ${what} (${path}) is full: ${free} are left`, why: 'nothing new can be kept', remedy },
    ];
  }
  if (freeFiles !== null && freeFiles < LOW_FILES) {
    return [{ state: 'warning', what: `the disk of ${what} (${path}) has room for ${freeFiles} more files only`, remedy }];
  }
  if (freeBytes < LOW_BYTES) return [{ state: 'warning', what: `${free} are left for ${what} (${path})`, remedy }];
  return ok(`${free} are left for ${what}`);
}
