import { readdirSync, readFileSync } from 'node:fs';

/** A process of a worker's: itself, its guard, a git, or anything else. */
export interface Member {
  is: 'worker' | 'guard' | 'git' | 'other';
  residentMb: number;
  /** CPU time in milliseconds that it has used, and those of its children that have ended. */
  cpuMs: number;
}

/** A process and everything that it started, as Linux tells it. */
export function listFamily(pid: number): Member[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const family = processes.filter((one) => one.pid === pid);
  for (const { pid: parent } of family) family.push(...processes.filter(({ ppid }) => ppid === parent));
  return family.map(({ pid: own, command, residentMb, cpuMs }) => ({
    is: own === pid ? 'worker' : describe(command),
    residentMb,
    cpuMs,
  }));
}

function describe(command: string): Member['is'] {
  if (/\/guard-\w+\.m?js\0/.test(command)) return 'guard';
  return /^\S*git\0/.test(command) ? 'git' : 'other';
}

/** One that has ended meanwhile is none. */
function readProcess(pid: number): { pid: number; ppid: number; command: string; residentMb: number; cpuMs: number }[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // utime, stime, cutime, cstime: in hundredths of a second for everybody.
    const ticks = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
    const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return [
      {
        pid,
        ppid: number('PPid'),
        command,
        residentMb: number('VmRSS') / 1024,
        cpuMs: ticks.reduce((sum, one) => sum + one, 0) * 10,
      },
    ];
  } catch {
    return [];
  }
}
