#!/usr/bin/env node
import type { Io } from './command.ts';
import { describeFailure, EXIT_CODES, type Failure, fail, failureJson } from './failure.ts';
import { escapeControls } from './json-text.ts';
import { runProgram } from './program.ts';

// The only place that catches, prints and exits.

const args = process.argv.slice(2);

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  out: (text) => void process.stdout.write(text),
  outOrNote(text) {
    goesOnUnheard = true;
    process.stdout.write(text, (error) => {
      if (error && !isGone(error)) io.note(`errand: standard output did not take this: ${text}`);
    });
  },
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

/** What kept standard output from being written. */
let lost: Error | null = null;
let goesOnUnheard = false;
let isEnding = false;

process.stdout.on('error', (error) => {
  lost ??= error;
  if (!goesOnUnheard) end(isGone(error) ? 0 : EXIT_CODES.environment);
});

// Remarks that nobody reads any more keep no command from its work.
process.stderr.on('error', () => {});

// What a command waits for has vanished: to Node that is the end, and a good one.
process.once('beforeExit', () => {
  if (isEnding) return;
  const hint = 'What it had said it would do may not be done. This is a bug in errand. Please report it, with what you typed.';
  tell({ kind: 'internal', code: 'no-end', message: 'the command came to no end', hint }, args.includes('--json'));
  end(EXIT_CODES.internal);
});

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
  if (json) io.out(escapeControls(`${JSON.stringify(failureJson(failure), null, 2)}\n`));
  else io.note(describeFailure(failure));
}

/** A reader that has seen enough, as in `errand list | head -1`, is no failure. */
function isGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE';
}

/** Ends at once, whatever is still open, but not before what was said has left, or is known not to. */
function end(code: number): void {
  if (isEnding) return;
  isEnding = true;
  // That a write failed is told to its callback first, and only then to who listens for errors.
  process.stdout.write('', () => setImmediate(() => process.stderr.write(describeLost(), () => process.exit(statusOf(code)))));
}

function statusOf(code: number): number {
  return lost === null || isGone(lost) ? code : EXIT_CODES.environment;
}

function describeLost(): string {
  if (lost === null || isGone(lost)) return '';
  const hint = 'Make room where it goes, or send it somewhere else. What the command had done by then stays done.';
  return describeFailure(
    fail('environment', 'output-lost', `standard output could not be written: ${lost.message}`, hint).failure,
  );
}

/** https://no-color.org, https://force-color.org */
function mayColour(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return process.stdout.isTTY === true && TERM !== 'dumb';
}
