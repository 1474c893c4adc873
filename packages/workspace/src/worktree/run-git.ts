import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

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
  timedOut: boolean;
}

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** How long output may stay open after git has ended: a connection that ssh shares keeps it. */
const DRAIN_MS = 1_000;

/**
 * Runs one git command to its end, in a session of its own: its helpers end with it, and none of them finds a terminal to
 * ask at. Never throws.
 */
export async function runGit(command: GitCommand): Promise<GitRun> {
  if (command.signal?.aborted) return { exitCode: null, stdout: Buffer.alloc(0), stderr: '', timedOut: false };
  const child = spawn('git', command.args, { cwd: command.cwd, env: command.env, detached: true });
  let timedOut = false;
  let tooLarge = false;
  const clock = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, command.timeoutMs);
  const onExit = (): void => killGroup(child.pid);
  process.once('exit', onExit);
  command.signal?.addEventListener('abort', onExit);
  const tooMuch = (): void => {
    tooLarge = true;
    killGroup(child.pid);
  };
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    clearTimeout(clock);
    drain = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, DRAIN_MS);
  });
  const stdout = collect(child.stdout, tooMuch);
  const stderr = collect(child.stderr, tooMuch);
  child.stdin?.on('error', () => {}).end(command.input ?? '');
  const end = await new Promise<{ exitCode: number | null; error: string | null }>((resolve) => {
    child.once('error', (error) => resolve({ exitCode: null, error: `git could not be started: ${error.message}` }));
    child.once('close', (exitCode) => resolve({ exitCode, error: null }));
  });
  process.off('exit', onExit);
  command.signal?.removeEventListener('abort', onExit);
  clearTimeout(clock);
  clearTimeout(drain);
  const said = tooLarge ? 'git said more than 256 MiB; the answer was thrown away' : stderr().toString('utf8');
  return { exitCode: end.exitCode, stdout: stdout(), stderr: end.error ?? said, timedOut };
}

function collect(stream: Readable | null, tooMuch: () => void): () => Buffer {
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
