import { readdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { identify, type ProcessIdentity, readMachineBoot, signalProcess } from './process-table.ts';
import type { Grip } from './unit.ts';

const CGROUP2_MAGIC = 0x63677270;
const FREEZE_MS = 2_000;

/** A grip on the control group at `path` and on every group that its members made below it. */
export function gripCgroup(id: string, path: string): Grip {
  const members = (): ProcessIdentity[] => listGroups(path).flatMap(readProcs).map(identify);

  return {
    kind: 'cgroup',
    id,
    refresh() {},
    members,
    isEmpty: () => !readEvent(path, 'populated'),
    kill() {
      if (!isUnitGroup(path) || readProcs(path).includes(process.pid)) return;
      if (writeControl(path, 'cgroup.kill', '1')) return;
      // Kernels before 5.14: frozen, nobody forks while the list is worked off; KILL reaches the frozen too.
      writeControl(path, 'cgroup.freeze', '1');
      for (const member of members()) signalProcess(member, 'SIGKILL');
    },
    async freeze() {
      writeControl(path, 'cgroup.freeze', '1');
      const end = performance.now() + FREEZE_MS;
      while (readEvent(path, 'populated') && !readEvent(path, 'frozen') && performance.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    thaw() {
      writeControl(path, 'cgroup.freeze', '0');
    },
    release() {
      if (isUnitGroup(path)) for (const group of listGroups(path).reverse()) removeGroup(group);
    },
    describe: () => ({ kind: 'cgroup', id, machineBoot: readMachineBoot(), path }),
  };
}

/** Only groups that Errand made, on a control group file system, are ever killed or removed. */
function isUnitGroup(path: string): boolean {
  try {
    return basename(path).startsWith('errand-') && statfsSync(path).type === CGROUP2_MAGIC;
  } catch {
    return false;
  }
}

/** The group and those below it, parents first. */
function listGroups(path: string): string[] {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [path, ...below.flatMap((entry) => listGroups(join(path, entry.name)))];
  } catch {
    return [];
  }
}

function readProcs(path: string): number[] {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function readEvent(path: string, name: 'populated' | 'frozen'): boolean {
  try {
    return readFileSync(join(path, 'cgroup.events'), 'utf8').includes(`${name} 1`);
  } catch {
    return false;
  }
}

function writeControl(path: string, file: string, text: string): boolean {
  try {
    writeFileSync(join(path, file), text, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

function removeGroup(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // A transient scope removes its own group, perhaps just before us.
  }
}
