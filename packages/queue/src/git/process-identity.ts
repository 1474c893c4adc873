import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names one process for good: a process id alone is given out again, after a restart at the latest. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own terms; '' where the system does not say, or could not be asked. */
  started: string;
  /** Names this run of the operating system; '' where it has no name, or could not be asked for it. */
  boot: string;
}

/** Where the system tells of its processes; the last one is for systems without a `/proc`. */
export interface ProcessSource {
  proc: string;
  ps: NodeJS.ProcessEnv | null;
}

const HERE: ProcessSource = { proc: '/proc', ps: process.platform === 'linux' ? null : process.env };

/** The identity of a process, or null where there is none with that id: a look that fails for another reason is no absence. */
export async function identifyProcess(pid: number, source = HERE): Promise<ProcessIdentity | null> {
  if (!exists(pid)) return null;
  const [started, boot] = await Promise.all([
    source.ps === null ? startByProc(pid, source.proc) : startByPs(pid, source.ps),
    bootId(),
  ]);
  return started === null ? null : { pid, started, boot };
}

/** False where that very process has ended. Where nobody can tell, it is taken for alive: what it holds is not to be taken from it. */
export async function isAlive(identity: ProcessIdentity, source = HERE): Promise<boolean> {
  const found = await identifyProcess(identity.pid, source);
  return found !== null && mayBeSame(found.started, identity.started) && mayBeSame(found.boot, identity.boot);
}

function mayBeSame(found: string, known: string): boolean {
  return found === known || found === '' || known === '';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process started; '' where that cannot be told, null where the process is gone. */
async function startByProc(pid: number, proc: string): Promise<string | null> {
  try {
    const text = await readFile(`${proc}/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything. A zombie has ended: it waits only for its parent to notice.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? null : '';
  }
}

/** The same. `ps` that finds no such process says nothing, and ends by itself with another status than 0. */
async function startByPs(pid: number, env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...env, LC_ALL: 'C' } });
    return stdout.trim();
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    return typeof code === 'number' && stdout === '' && stderr === '' ? null : '';
  }
}

let known = '';

/** Asked again as long as it could not be told. */
async function bootId(): Promise<string> {
  if (known !== '') return known;
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    .catch(async () => (await run('sysctl', ['-n', 'kern.bootsessionuuid'])).stdout)
    .catch(() => '');
  known = text.trim();
  return known;
}
