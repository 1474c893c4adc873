import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names one process for good: a process id alone is given out again, after a restart at the latest. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own terms; '' where the system does not say. */
  started: string;
  /** Names this run of the operating system; '' where it has no name. */
  boot: string;
}

/** The identity of a process, or null where there is none with that id. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  if (!exists(pid)) return null;
  const [started, boot] = await Promise.all([startOf(pid), bootId()]);
  return started === null ? null : { pid, started, boot };
}

/** True where that very process lives. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const found = await identifyProcess(identity.pid);
  return found !== null && found.started === identity.started && found.boot === identity.boot;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (text === null) return null;
    // The name in parentheses may hold anything. A zombie has ended: it waits only for its parent to notice.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '');
  }
  const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }).catch(
    () => ({
      stdout: '',
    }),
  );
  return stdout.trim();
}

let boot: Promise<string> | null = null;

function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    .catch(async () => (await run('sysctl', ['-n', 'kern.bootsessionuuid'])).stdout)
    .catch(() => '')
    .then((text) => text.trim());
  return boot;
}
