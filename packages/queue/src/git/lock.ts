import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, isAlive, type ProcessIdentity } from './process-identity.ts';

export interface LockOptions {
  /** How long to wait for a living holder, milliseconds. */
  waitMs: number;
  /** What it is for, in words: shown to who waits for it. */
  what: string;
}

export interface Lock {
  /** Gives the lock back. Safe twice. */
  release(): Promise<void>;
}

/** Why there is no lock. `holder` is missing where the lock file could not be made at all. */
export interface LockFailure {
  message: string;
  holder?: { pid: number; what: string };
}

/** Whose a lock is, and what a holder that lives has it for. `pid` of a dead one is null where its file does not tell. */
export type LockState = { state: 'free' } | { state: 'held'; pid: number; what: string } | { state: 'dead'; pid: number | null };

interface Holder extends ProcessIdentity {
  nonce: string;
  what: string;
}

const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 60;

/**
 * Takes the lock at `path` for this process. The file appears at once with its whole content (`link`), and names its
 * holder so that nobody waits for a process that has ended: whoever finds that takes the lock over.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<{ lock: Lock } | { failure: LockFailure }> {
  const deadline = performance.now() + options.waitMs;
  const me = await describeMe(options.what);
  const draft = `${path}.${me.nonce}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify(me), { flag: 'wx' });
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      if (await tryLink(draft, path)) return { lock: lockOf(path, me.nonce) };
      const holder = await readHolder(path);
      if (holder === 'gone') continue;
      if (holder === 'unreadable' || !(await isAlive(holder))) {
        await removeDead(path, holder, draft);
        continue;
      }
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return { failure: heldBy(path, holder, options.waitMs) };
      await sleep(Math.min(leftMs, pauseMs * (0.5 + Math.random())));
    }
  } catch (error) {
    return {
      failure: { message: `cannot make the lock file ${path}: ${error instanceof Error ? error.message : String(error)}` },
    };
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Does `work` while holding the lock; gives it back however the work ends. */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<{ value: T } | { failure: LockFailure }> {
  const taken = await acquireLock(path, options);
  if ('failure' in taken) return taken;
  try {
    return { value: await work() };
  } finally {
    await taken.lock.release();
  }
}

/** Looks whose the lock at `path` is, as whoever wants it would, and leaves it alone. Rejects where the file cannot be read. */
export async function inspectLock(path: string): Promise<LockState> {
  const holder = await readHolder(path);
  if (holder === 'gone') return { state: 'free' };
  if (holder === 'unreadable') return { state: 'dead', pid: null };
  const { pid, what } = holder;
  return (await isAlive(holder)) ? { state: 'held', pid, what } : { state: 'dead', pid };
}

async function describeMe(what: string): Promise<Holder> {
  const identity = await identifyProcess(process.pid);
  return { ...(identity ?? { pid: process.pid, started: '', boot: '' }), nonce: randomBytes(8).toString('hex'), what };
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | 'gone' | 'unreadable'> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return 'gone';
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    const whole = typeof holder.pid === 'number' && typeof holder.nonce === 'string' && typeof holder.started === 'string';
    return whole ? (holder as Holder) : 'unreadable';
  } catch {
    return 'unreadable'; // An own lock is never half written; a power cut can empty it.
  }
}

/**
 * Removes a dead holder's file. Only one process at a time may: else one of two that judged the same holder could remove
 * the lock that the other has taken meanwhile.
 */
async function removeDead(path: string, judged: Holder | 'unreadable', draft: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await tryLink(draft, guard))) {
    const other = await readHolder(guard);
    if (other === 'unreadable' || (other !== 'gone' && !(await isAlive(other)))) await rm(guard, { force: true });
    return;
  }
  try {
    const found = await readHolder(path);
    const same = typeof found === 'object' && typeof judged === 'object' ? found.nonce === judged.nonce : found === judged;
    if (same) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function lockOf(path: string, nonce: string): Lock {
  let released = false;
  return {
    release: async () => {
      if (released) return;
      released = true;
      const holder = await readHolder(path).catch(() => null);
      // Nobody takes it from a living process: what cannot be read (too many open files) is still its own, and would stay for good.
      if (holder === null || (typeof holder === 'object' && holder.nonce === nonce)) await unlink(path).catch(() => {});
    },
  };
}

function heldBy(path: string, holder: Holder, waitMs: number): LockFailure {
  const since = waitMs === 0 ? 'holds' : 'has held';
  const forHowLong = waitMs === 0 ? '' : ` for more than ${Math.round(waitMs / 100) / 10} s`;
  return {
    message: `process ${holder.pid} ${since} ${path}${forHowLong} (${holder.what}); wait for it, or end it`,
    holder: { pid: holder.pid, what: holder.what },
  };
}
