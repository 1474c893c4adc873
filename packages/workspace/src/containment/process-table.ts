import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process and no other: ids are used again, the pair of id and start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** Linux: clock ticks since the machine booted. Elsewhere: the start date as `ps` spells it. */
  start: string;
}

/** One line of the process table. `dead` is a zombie: it holds its id but runs nothing. */
export interface ProcessRow extends ProcessIdentity {
  ppid: number;
  pgid: number;
  sid: number;
  state: 'live' | 'stopped' | 'dead';
}

/** Every process that this process can see, as of now. */
export function readProcessTable(): ProcessRow[] {
  if (process.platform !== 'linux') return readTableWithPs([]);
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name)) ?? []) : []));
}

/** The process that has this id now, or null. */
export function readProcess(pid: number): ProcessRow | null {
  if (process.platform === 'linux') return readStat(pid);
  return readTableWithPs(['-p', String(pid)])[0] ?? null;
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const row = readProcess(identity.pid);
  return row !== null && row.start === identity.start && row.state !== 'dead';
}

/** The identity of a process that is known to exist, such as a child not yet waited for. */
export function identify(pid: number): ProcessIdentity {
  return { pid, start: readProcess(pid)?.start ?? '' };
}

/**
 * Signals this very process; false when it is gone or not ours. The check and the signal are two system calls:
 * for the wrong process to be hit, the id would have to be given away and go once round all ids in between.
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (identity.pid <= 1 || identity.pid === process.pid || !isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch {
    return false;
  }
}

/** Names this boot of the machine. Where start times are dates, no name is needed and it is empty. */
export function readMachineBoot(): string {
  if (process.platform !== 'linux') return '';
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function readStat(pid: number): ProcessRow | null {
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** Reads a line of proc(5) `stat`; the program's name in it may hold spaces and parentheses. */
export function parseStat(pid: number, text: string): ProcessRow | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, ppid, pgid, sid] = fields;
  const start = fields[19];
  if (state === undefined || start === undefined) return null;
  return { pid, start, ppid: Number(ppid), pgid: Number(pgid), sid: Number(sid), state: readState(state) };
}

/** Reads `ps -o pid=,ppid=,pgid=,stat=,lstart=`. It shows no session, so the process group stands for it. */
export function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, ppid, pgid, state, ...start] = line.trim().split(/\s+/);
    if (pid === undefined || state === undefined || start.length === 0) return [];
    return [
      {
        pid: Number(pid),
        start: start.join(' '),
        ppid: Number(ppid),
        pgid: Number(pgid),
        sid: Number(pgid),
        state: readState(state),
      },
    ];
  });
}

function readTableWithPs(which: string[]): ProcessRow[] {
  const args = which.length > 0 ? which : ['-ax'];
  try {
    return parsePs(
      execFileSync('ps', [...args, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
        encoding: 'utf8',
        env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    return [];
  }
}

function readState(letter: string): ProcessRow['state'] {
  if (letter.startsWith('Z') || letter.startsWith('X')) return 'dead';
  return letter.startsWith('T') || letter.startsWith('t') ? 'stopped' : 'live';
}
