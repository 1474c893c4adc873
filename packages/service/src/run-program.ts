/** What a program came to. `exitCode` is null where it did not run, was ended by a signal, or took too long. */
export interface ProgramEnd {
  exitCode: number | null;
  stdout: string;
  /** What it said of a failure, or why it did not run. */
  stderr: string;
  timedOut: boolean;
}

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  /** Wall time, milliseconds; default 30 s. */
  timeoutMs?: number;
}

/** Runs a program to its end; a failure is a value. */
export type RunProgram = (file: string, args: readonly string[], options: RunOptions) => Promise<ProgramEnd>;

const DEFAULT_TIMEOUT_MS = 30_000;

export const runProgram: RunProgram = async (file, args, { env, timeoutMs = DEFAULT_TIMEOUT_MS }) => {
  const { execa } = await import('execa');
  const end = await execa(file, args, { env, extendEnv: false, stdin: 'ignore', reject: false, timeout: timeoutMs });
  return {
    exitCode: end.exitCode ?? null,
    stdout: end.stdout,
    stderr: end.stderr || (end.failed ? (end.shortMessage ?? '') : ''),
    timedOut: end.timedOut,
  };
};
