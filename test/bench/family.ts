import { readdirSync, readFileSync } from 'node:fs';

/** A process of a worker's: itself, its guard, a git, or anything else. */
export interface Member {
  is: 'worker' | 'guard' | 'git' | 'other';
  residentMb: number;
}

/** A process and everything that it started, as Linux tells it. */
export function listFamily(pid: number): Member[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const family = processes.filter((one) => one.pid === pid);
  for (const { pid: parent } of family) family.push(...processes.filter(({ ppid }) => ppid === parent));
  return family.map(({ pid: own, command, residentMb }) => ({ is: own === pid ? 'worker' : describe(command), residentMb }));
}

function describe(command: string): Member['is'] {
  if (command.includes('guard-main')) return 'guard';
  return /^\S*git\0/.test(command) ? 'git' : 'other';
}

/** One that has ended meanwhile is none. */
function readProcess(pid: number): { pid: number; ppid: number; command: string; residentMb: number }[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    const number = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return [{ pid, ppid: number('PPid'), command, residentMb: number('VmRSS') / 1024 }];
  } catch {
    return [];
  }
}
