#!/usr/bin/env node
import type { Io } from './command.ts';
import { describeFailure, EXIT_CODES, type Failure, failureJson } from './failure.ts';
import { runProgram } from './program.ts';

// The only place that catches, prints and exits.

const args = process.argv.slice(2);

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  out: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
  colour: mayColour(),
  get columns() {
    return process.stdout.columns || 80;
  },
  get rows() {
    return process.stdout.rows || 24;
  },
};

// A reader that has seen enough, as in `errand list | head -1`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT_CODES.environment));

// Remarks that nobody reads any more keep no command from its work.
process.stderr.on('error', () => {});

void main();

/** No `await` at the top: the bundle is a script, not a module. */
async function main(): Promise<void> {
  try {
    const { outcome, json } = await runProgram(args, io);
    if (!outcome.ok) tell(outcome.failure, json);
    end(outcome.ok ? (outcome.exitCode ?? 0) : EXIT_CODES[outcome.failure.kind]);
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    const hint = 'This is a bug in errand. Please report it, with what you typed.';
    tell({ kind: 'internal', code: 'internal', message: cause.message, hint }, args.includes('--json'));
    if (cause.stack !== undefined) process.stderr.write(`${cause.stack}\n`);
    end(EXIT_CODES.internal);
  }
}

function tell(failure: Failure, json: boolean): void {
  if (json) io.out(`${JSON.stringify(failureJson(failure), null, 2)}\n`);
  else io.note(describeFailure(failure));
}

/** Ends at once, whatever is still open, but not before what was said has left. */
function end(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

/** https://no-color.org, https://force-color.org */
function mayColour(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return process.stdout.isTTY === true && TERM !== 'dumb';
}
