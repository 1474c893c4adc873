import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A process and no other: ids are used again, the pair of id and start time is not. Linux only. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since the machine booted, as `/proc/<pid>/stat` spells them. */
  start: string;
}

/** Waits until something that nobody announces has become true; the test's own timeout is the limit. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  while (!(await holds())) await pause(everyMs);
}

/** Whether this very process still runs; a zombie does not. */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[19] === start && !['Z', 'X'].includes(fields[0] ?? 'X');
  } catch {
    return false;
  }
}

/** Live processes that were started with these words in their environment: a test's own folder marks all that came of it. */
export function findMarked(words: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').includes(words);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** SIGKILL for a process that may have ended by itself meanwhile. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has.
  }
}
