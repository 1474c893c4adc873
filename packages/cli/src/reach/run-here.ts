import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { Io, Outcome } from '../command.ts';
import { plainText } from '../plain-text.ts';
import { oneLine } from '../table.ts';
import { ForwardedSignals, statusOfSignal } from './forwarded-signals.ts';

/** Of these a shell says that the program was not found, by its status; of any other reason, that it could not be run. */
const NOT_FOUND = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** Runs a command on this machine as `runOverSsh` does elsewhere: no shell splits its words, and it begins in the home. */
export async function runHere(io: Io, words: readonly string[]): Promise<Outcome> {
  const [program = '', ...args] = words;
  // To Node an empty name is a mistake in the code that calls it.
  if (program === '') return explainNoProgram(io, "''", 'not found', 127);
  let signals: ForwardedSignals | null = null;
  try {
    // Some reasons for which a program cannot be started are thrown here, others come as an event.
    const child = spawn(program, args, { cwd: findHome(io), env: io.env, stdio: 'inherit' });
    signals = new ForwardedSignals((signal) => {
      // A keyboard sends these to every process of the terminal itself.
      if (io.stdin.isTTY !== true || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) child.kill(signal);
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { ok: true, exitCode: signal === null ? (code ?? 0) : statusOfSignal(signal) };
  } catch (error) {
    const { code = '', errno } = error as NodeJS.ErrnoException;
    const reason = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
    if (reason === undefined) throw error;
    return explainNoProgram(io, program, code === 'ENOENT' ? 'not found' : reason, NOT_FOUND.has(code) ? 127 : 126);
  } finally {
    signals?.close();
  }
}

function explainNoProgram(io: Io, program: string, reason: string, exitCode: number): Outcome {
  io.note(plainText(`errand: ${oneLine(program)}: ${reason}\n`));
  return { ok: true, exitCode };
}

/** Where there is no home it begins at the root, as sshd does it; else the folder would look like a program that is missing. */
function findHome(io: Io): string {
  const home = io.env.HOME || homedir();
  try {
    accessSync(`${home}/.`, constants.X_OK);
    return home;
  } catch {
    io.note(`errand: there is no way into the home ${home}: the command begins in /\n`);
    return '/';
  }
}
