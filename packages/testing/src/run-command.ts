import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Null when a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env: Record<string, string>;
  input?: string | Uint8Array;
  /** Whose rights it has: another user's, where root runs it. Default: the caller's. */
  as?: { uid: number; gid: number };
}

/** Runs a program to its end; a failure is a result. Asynchronous, so that a server of the same process can answer it. */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const { cwd, env, input, as } = options;
    const child = execFile(
      file,
      args,
      { ...(cwd === undefined ? {} : { cwd }), ...as, env, maxBuffer: 64e6 },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ exitCode, stdout, stderr: stderr === '' && error !== null ? error.message : stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

/** The same, for what a test relies on: a failure is thrown, with what the program said. */
export async function mustRun(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const result = await runCommand(file, args, options);
  if (result.exitCode === 0) return result.stdout;
  throw new Error(`${file} ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}`);
}
