import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { isCrash } from '@errand/queue';

export interface GitCommand {
  /** What follows `git`, each an argument of its own: nothing passes a shell. */
  args: readonly string[];
  /** The whole environment: nothing is inherited. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  input?: Uint8Array | string;
  /** Wall time, after which git and all its helpers are ended. */
  timeoutMs: number;
  /** Ends it sooner. */
  signal?: AbortSignal;
}

/** How a git process ended. `exitCode` is null unless it exited by itself. */
export interface GitRun {
  exitCode: number | null;
  /** Bytes, since the names of files need not be UTF-8. */
  stdout: Buffer;
  stderr: string;
  /** Why it did not end by itself. */
  stopped?: 'timed out' | 'ended' | 'could not start' | 'output too large' | 'killed' | 'crashed';
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** How long output may stay open after git has ended: a connection that ssh shares keeps it. */
const DRAIN_MS = 1_000;

/**
 * Runs one git command to its end, in a session of its own: its helpers end with it, and none of them finds a terminal to
 * ask at. Never throws.
 */
export async function runGit(command: GitCommand): Promise<GitRun> {
  if (command.signal?.aborted) return unstarted('ended', '');
  const child = start(command);
  if (child instanceof Error) return unstarted('could not start', child.message);
  let stopped: GitRun['stopped'];
  const stop = (why: NonNullable<GitRun['stopped']>): void => {
    stopped ??= why;
    killGroup(child.pid);
  };
  const clock = setTimeout(() => stop('timed out'), command.timeoutMs);
  const onAbort = (): void => stop('ended');
  const onExit = (): void => killGroup(child.pid);
  process.once('exit', onExit);
  command.signal?.addEventListener('abort', onAbort);
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    clearTimeout(clock);
    drain = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, DRAIN_MS);
  });
  const stdout = collect(child.stdout, () => stop('output too large'));
  const stderr = collect(child.stderr, () => stop('output too large'));
  child.stdin?.on('error', () => {}).end(command.input ?? '');
  const end = await untilClosed(child);
  process.off('exit', onExit);
  command.signal?.removeEventListener('abort', onAbort);
  clearTimeout(clock);
  clearTimeout(drain);
  if (end.error !== null) return unstarted('could not start', end.error.message);
  if (end.signal !== null) stopped ??= isCrash(end.signal) ? 'crashed' : 'killed';
  const tooLarge = stopped === 'output too large';
  return {
    exitCode: stopped === undefined ? end.exitCode : null,
    stdout: stdout(),
    stderr: tooLarge ? 'git said more than 256 MiB; the answer was thrown away' : stderr().toString('utf8'),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

/** Gives the error where there is no memory to make a process: then Node throws, instead of telling it by an event. */
function start({ args, cwd, env }: GitCommand): ChildProcess | Error {
  try {
    return spawn('git', args, { cwd, env, detached: true });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return error;
    throw error;
  }
}

function unstarted(stopped: 'ended' | 'could not start', stderr: string): GitRun {
  return { exitCode: null, stdout: Buffer.alloc(0), stderr, stopped };
}

interface End {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Why it could not be started. */
  error: Error | null;
}

function untilClosed(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, signal: null, error }));
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, error: null }));
  });
}

/** Where there are too many open files for a process, Node gives no streams. */
function collect(stream: Readable | null | undefined, tooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('error', () => {});
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else tooMuch();
  });
  return () => Buffer.concat(chunks);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
