import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { NoAnswer } from './no-answer.ts';

export interface GitCommand {
  /** What follows `git`, each an argument of its own: nothing passes a shell. */
  args: readonly string[];
  input?: string;
  /** Over the person's environment. */
  env?: { readonly [name: string]: string };
  /** Wall time, after which git and all its helpers are ended; null for what must not be broken off. */
  timeoutMs?: number | null;
  /** Ends git and its helpers when aborted. */
  signal?: AbortSignal;
}

/** How a git process ended. `exitCode` is null unless it exited by itself. */
export interface GitRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  stopped?: 'timed out' | 'closed' | 'could not start' | 'killed';
}

/** Local work: seconds at most, unless a hook of the person's takes its time. */
const LOCAL_TIMEOUT_MS = 60_000;
/** Git that was asked to end removes its lock files first; then it must go. */
const GRACE_MS = 2_000;
/** How long output may stay open after git has ended; some helper that stays behind may hold it. */
const DRAIN_MS = 1_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Variables that lead git to some other repository or index. A hook that starts the watcher has them set. */
const NOT_INHERITED = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_WORK_TREE',
  // A window that asks, for a person who may be away, and again at every try.
  'SSH_ASKPASS',
]);

/**
 * Git in one folder, as the person who owns it: with their identity, settings, hooks, keys and language. The queue and the
 * workspace run gits of their own, which nobody misses, and kill them; this one is asked to end, and takes its locks away first.
 */
export class Git {
  readonly dir: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(dir: string, env: NodeJS.ProcessEnv) {
    this.dir = dir;
    const kept = Object.entries(env).filter(([name]) => !NOT_INHERITED.has(name));
    this.#env = {
      ...Object.fromEntries(kept),
      // Looking must not take the index lock from the person.
      GIT_OPTIONAL_LOCKS: '0',
      // Nobody may be there to answer; logins come from an agent or a credential helper.
      GIT_TERMINAL_PROMPT: '0',
      SSH_ASKPASS_REQUIRE: 'never',
      // Empty, it is obeyed before `core.askPass` and asks nobody.
      GIT_ASKPASS: '',
    };
  }

  /** The same person in another folder. */
  in(dir: string): Git {
    return new Git(dir, this.#env);
  }

  /**
   * Runs one command to its end, in a process group of its own: Ctrl-C in the terminal ends the watcher, and the watcher
   * decides what becomes of git. Never throws.
   */
  async run({ args, input = '', env = {}, timeoutMs = LOCAL_TIMEOUT_MS, signal }: GitCommand): Promise<GitRun> {
    if (signal?.aborted) return { exitCode: null, stdout: '', stderr: '', stopped: 'closed' };
    const child: ChildProcess = spawn('git', args, { cwd: this.dir, env: { ...this.#env, ...env }, detached: true });
    let stopped: GitRun['stopped'];
    let grace: NodeJS.Timeout | undefined;
    let drain: NodeJS.Timeout | undefined;
    const stop = (why: NonNullable<GitRun['stopped']>): void => {
      stopped ??= why;
      endGroup(child.pid, 'SIGTERM');
      grace ??= setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS);
    };
    const onAbort = (): void => stop('closed');
    const clock = timeoutMs === null ? undefined : setTimeout(() => stop('timed out'), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('exit', () => {
      clearTimeout(clock);
      drain = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, DRAIN_MS);
    });
    const stdout = collect(child.stdout, () => stop('killed'));
    const stderr = collect(child.stderr, () => stop('killed'));
    child.stdin?.on('error', () => {}).end(input);
    const end = await untilClosed(child);
    for (const timer of [clock, grace, drain]) clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    if (end.error !== null) stopped ??= 'could not start';
    else if (end.signal !== null) stopped ??= 'killed';
    return {
      exitCode: stopped === undefined ? end.exitCode : null,
      stdout: stdout(),
      stderr: end.error?.message ?? stderr(),
      ...(stopped !== undefined && { stopped }),
    };
  }

  /** Standard output without its last newline, or null where git said no. */
  async ask(...args: string[]): Promise<string | null> {
    const run = await this.run({ args });
    return run.exitCode === 0 ? run.stdout.replace(/\n$/, '') : null;
  }

  /** The parts of an answer with NUL between them, or null where git said no. */
  async list(...args: string[]): Promise<string[] | null> {
    const answer = await this.ask(...args);
    return answer === null ? null : splitParts(answer);
  }

  /** Standard output without its last newline; throws `NoAnswer` where git failed. */
  async demand(command: GitCommand): Promise<string> {
    const run = await this.run(command);
    if (run.exitCode !== 0) throw new NoAnswer(run);
    return run.stdout.replace(/\n$/, '');
  }

  /** The parts of an answer with NUL between them; throws `NoAnswer` where git failed. */
  async demandList(...args: string[]): Promise<string[]> {
    return splitParts(await this.demand({ args }));
  }
}

function splitParts(answer: string): string[] {
  return answer.split('\0').filter((part) => part !== '');
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

function endGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
