import type { Readable } from 'node:stream';
import { gitEnvironment, NEUTRAL_CONFIG } from './git-environment.ts';

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
  stopped?: 'timed out' | 'closed' | 'could not start' | 'output too large' | 'killed';
  durationMs: number;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** How long output may stay open after git has ended; some helper that stays behind may hold it. */
const DRAIN_MS = 1_000;

/** Runs one git command to its end, in a process group of its own, so that ssh and http helpers end with it. Never throws. */
export async function runGit(command: GitCommand): Promise<GitRun> {
  const started = performance.now();
  if (command.signal?.aborted) return { exitCode: null, stdout: '', stderr: '', stopped: 'closed', durationMs: 0 };
  const { execa } = await import('execa'); // 70 ms: only who runs git pays for it
  const argv = [
    ...(command.gitDir === null ? [] : ['--git-dir', command.gitDir]),
    ...[...NEUTRAL_CONFIG, ...(command.config ?? [])].flatMap((setting) => ['-c', setting]),
    ...command.args,
  ];
  const child = execa('git', argv, {
    env: gitEnvironment(command.env),
    extendEnv: false,
    input: command.input ?? '',
    reject: false,
    stripFinalNewline: false,
    detached: true,
    cleanup: false,
    maxBuffer: MAX_OUTPUT_BYTES,
  });

  let stopped: GitRun['stopped'];
  const stop = (why: NonNullable<GitRun['stopped']>): void => {
    stopped ??= why;
    killGroup(child.pid);
  };
  const onAbort = (): void => stop('closed');
  const clock = setTimeout(() => stop('timed out'), command.timeoutMs);
  command.signal?.addEventListener('abort', onAbort, { once: true });
  let drain: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    clearTimeout(clock);
    drain = setTimeout(() => closeOutputs([child.stdout, child.stderr]), DRAIN_MS);
  });
  // Our own end must end git too: a group of its own does not get the terminal's signals.
  const onExit = (): void => killGroup(child.pid);
  process.once('exit', onExit);
  const result = await child;
  process.off('exit', onExit);
  clearTimeout(clock);
  clearTimeout(drain);
  command.signal?.removeEventListener('abort', onAbort);

  if (child.pid === undefined) stopped ??= 'could not start';
  else if (result.isMaxBuffer) stop('output too large');
  else if (result.signal !== undefined) stopped ??= 'killed';
  return {
    exitCode: stopped === undefined ? (result.exitCode ?? null) : null,
    stdout: result.stdout ?? '',
    stderr: child.pid === undefined ? (result.shortMessage ?? '') : (result.stderr ?? ''),
    ...(stopped === undefined ? {} : { stopped }),
    durationMs: performance.now() - started,
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function closeOutputs(streams: readonly (Readable | null)[]): void {
  for (const stream of streams) stream?.destroy();
}
