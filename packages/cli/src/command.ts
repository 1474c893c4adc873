import { type Command, Help, type OptionValues } from 'commander';
import type { Failure } from './failure.ts';
import { wrapText } from './wrap-text.ts';

/** The world as a command sees it: what it may read, and the only two ways in which it may speak. */
export interface Io {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stdin: NodeJS.ReadStream;
  /** The answer: standard output. */
  out(text: string | Uint8Array): void;
  /** The answer of a command that has done something already: where nobody takes it, it is a remark, and the command goes on. */
  outOrNote(text: string): void;
  /** Remarks for people: standard error. */
  note(text: string | Uint8Array): void;
  /** Is standard output a terminal. */
  terminal: boolean;
  /** May standard output have colours. */
  colour: boolean;
  /** Width of the terminal at this moment, 80 where there is none. */
  readonly columns: number;
  /** Its height, 24 where there is none. */
  readonly rows: number;
}

/**
 * How a command ended: well, or with a failure that the entry point prints. `exitCode: 1` says that a task failed, 129, 130 and
 * 143 that a signal ended the command; `exec` ends as what it ran, with whatever that was.
 */
export type Outcome = { ok: true; exitCode?: number } | { ok: false; failure: Failure };

/** One command: its arguments and help, and its code. What is slow to import is imported by `run`. */
export interface CommandModule {
  /** Adds arguments, options and examples. */
  define(command: Command): void;
  run(io: Io, args: readonly string[], options: OptionValues): Promise<Outcome>;
  /** Puts the raw arguments in an order that the parser understands, or says what is wrong with them. */
  arrange?(args: readonly string[], command: Command): { ok: true; args: string[] } | { ok: false; failure: Failure };
}

/** Options of every command that talks to a queue. */
export interface QueueOption {
  /** URL or path of the queue, over `ERRAND_QUEUE` and the machine's file. */
  queue?: string;
}

export const DONE: Outcome = { ok: true };

export function addQueueOption(command: Command): Command {
  return command.option('--queue <remote>', 'URL or path of the queue, instead of the configured one');
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** Beside a term there must be so many columns for what is said of it. */
const MIN_BESIDE = 40;

/** On a narrow terminal, what the help says of an option or argument stands below it. */
export function fitHelp(command: Command): Command {
  return command.configureHelp({
    minWidthToWrap: 20,
    formatItem(term, termWidth, description, helper) {
      const columns = helper.helpWidth ?? 80;
      if (description === '' || columns - termWidth - 4 >= MIN_BESIDE)
        return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
      return [`  ${term}`, ...wrapText(description, columns, { first: '      ' })].join('\n');
    },
  });
}

/** Columns that a command's help may take; where nothing was said of a terminal, as many as it likes. */
export function helpWidth(command: Command, error: boolean): number {
  const { getOutHelpWidth, getErrHelpWidth } = command.configureOutput();
  return (error ? getErrHelpWidth?.() : getOutHelpWidth?.()) ?? Number.POSITIVE_INFINITY;
}

/** Examples at the end of a command's help: what to type, which stays whole to be copied, and what that does. */
export function addExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  return command.addHelpText('after', ({ command: of, error }) => {
    const columns = helpWidth(of, error);
    const lines = examples.flatMap(([line, effect]) => {
      const beside = `  ${line.padEnd(width)}   ${effect}`;
      if (width <= 46 && beside.length <= columns) return [beside];
      return [`  ${line}`, ...wrapText(effect, columns, { first: '      ' })];
    });
    return `\nExamples:\n${lines.join('\n')}`;
  });
}
