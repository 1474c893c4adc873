import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { gitEnvironment, NEUTRAL_CONFIG } from './git-environment.ts';
import { isCrash } from './is-crash.ts';

export interface GitCommand {
  /** The repository (bare), or null for a command that needs none (`init`). */
  gitDir: string | null;
  /** Settings for this command alone, `name=value`. */
  config?: readonly string[];
  /** What follows `git`, each an argument of its own: nothing passes a shell. */
  args: readonly string[];
  input?: string;
  env: NodeJS.ProcessEnv;
  /** Wall time, after which git and all its helpers are ended. */
  timeoutMs: number;
  /** Ends git and its helpers when aborted. */
  signal?: AbortSignal;
}

/** How a git process ended. `exitCode` is null unless it exited by itself. */
export interface GitRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Why it did not end by itself. */
  stopped?: 'timed out' | 'closed' | 'could not start' | 'output too large' | 'killed' | 'crashed';
  durationMs: number;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long output may stay open after git has ended; some helper that stays behind may hold it. */
const DRAIN_MS = 1_000;

/** Runs one git command to its end, in a process group of its own, so that ssh and http helpers end with it. Never throws. */
export async function runGit(command: GitCommand): Promise<GitRun> {
  const started = performance.now();
  if (command.signal?.aborted) return { exitCode: null, stdout: '', stderr: '', stopped: 'closed', durationMs: 0 };
  const argv = [
    ...(command.gitDir === null ? [] : ['--git-dir', command.gitDir]),
    ...[...NEUTRAL_CONFIG, ...(command.config ?? [])].flatMap((setting) => ['-c', setting]),
    ...command.args,
  ];
  // Where the process cannot be made at all (too many open files), Node gives no streams.
  const child: ChildProcess = spawn('git', argv, { env: gitEnvironment(command.env), detached: true });

  let stopped: GitRun['stopped'];
  const stop = (why: NonNullable<GitRun['stopped']>): void => {
    stopped ??= why;
    killGroup(child.pid);
  };
  const onAbort = (): void => stop('closed');
  // Our own end must end git too: a group of its own does not get the terminal's signals.
  const onExit = (): void => killGroup(child.pid);
  const clock = setTimeout(() => stop('timed out'), command.timeoutMs);
  command.signal?.addEventListener('abort', onAbort, { once: true });
  process.once('exit', onExit);
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    clearTimeout(clock);
    drain = setTimeout(() => closeOutputs([child.stdout, child.stderr]), DRAIN_MS);
  });
  const stdout = collect(child.stdout, () => stop('output too large'));
  const stderr = collect(child.stderr, () => stop('output too large'));
  child.stdin?.on('error', () => {}).end(command.input ?? '');
  const end = await untilClosed(child);
  process.off('exit', onExit);
  clearTimeout(clock);
  clearTimeout(drain);
  command.signal?.removeEventListener('abort', onAbort);

  if (end.error !== null) stopped ??= 'could not start';
  else if (end.signal !== null) stopped ??= isCrash(end.signal) ? 'crashed' : 'killed';
  return {
    exitCode: stopped === undefined ? end.exitCode : null,
    stdout: stdout(),
    stderr: end.error?.message ?? stderr(),
    ...(stopped === undefined ? {} : { stopped }),
    durationMs: performance.now() - started,
  };
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

/** Keeps what a stream says, up to the largest size; gives it as text when asked. */
function collect(stream: Readable | null | undefined, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('error', () => {});
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    else tooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function closeOutputs(streams: readonly (Readable | null | undefined)[]): void {
  for (const stream of streams) stream?.destroy();
}
