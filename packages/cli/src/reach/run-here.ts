import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import type { Io, Outcome } from '../command.ts';
import { ForwardedSignals, statusOfSignal } from './forwarded-signals.ts';

/** Runs a command on this machine as `runOverSsh` does elsewhere: no shell splits its words, and it begins in the home. */
export async function runHere(io: Io, words: readonly string[]): Promise<Outcome> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { cwd: findHome(io), env: io.env, stdio: 'inherit' });
  const signals = new ForwardedSignals((signal) => {
    // A keyboard sends these to every process of the terminal itself.
    if (io.stdin.isTTY !== true || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) child.kill(signal);
  });
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'EACCES') return reject(error);
        io.note(`errand: ${program}: ${error.code === 'ENOENT' ? 'not found' : 'permission denied'}\n`);
        // As a shell says it.
        resolve({ ok: true, exitCode: error.code === 'ENOENT' ? 127 : 126 });
      });
      child.once('exit', (code, signal) =>
        resolve({ ok: true, exitCode: signal === null ? (code ?? 0) : statusOfSignal(signal) }),
      );
    });
  } finally {
    signals.close();
  }
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
