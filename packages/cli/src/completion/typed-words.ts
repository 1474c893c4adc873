import type { Argument, Command, Option } from 'commander';

/** What the word under the cursor is meant to be, by the definitions that the parser itself uses. */
export type Wanted =
  | { kind: 'option' }
  | { kind: 'value'; option: Option; typed: string; before: string }
  | { kind: 'argument'; argument: Argument; typed: string }
  | { kind: 'nothing' };

/**
 * Reads the words after the name of `program` up to the one under the cursor, which is the last and may be empty.
 * `before` is what a shell that keeps `--state=do` as one word wants to see again before the value.
 */
export function readTypedWords(program: Command, words: readonly string[]): Wanted {
  const typed = words.at(-1) ?? '';
  let awaited: Option | null = null;
  let onlyArguments = false;
  let given = 0;
  for (const word of words.slice(0, -1)) {
    if (awaited !== null) {
      // Bash hands `--state=do` over as three words.
      if (word !== '=') awaited = null;
    } else if (onlyArguments || !word.startsWith('-') || word === '-') given++;
    else if (word === '--') onlyArguments = true;
    else if (!word.includes('=')) awaited = optionThatTakes(program, word);
  }
  if (awaited !== null) return { kind: 'value', option: awaited, typed: typed === '=' ? '' : typed, before: '' };
  if (!onlyArguments && typed.startsWith('-')) return readOption(program, typed);
  const argument = program.registeredArguments[given] ?? program.registeredArguments.findLast(({ variadic }) => variadic);
  return argument === undefined ? { kind: 'nothing' } : { kind: 'argument', argument, typed };
}

/** Where the name of the command stands, or -1: the first word that is neither an option of `program` nor the value of one. */
export function findCommandName(program: Command, words: readonly string[]): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) return at;
    if (optionThatTakes(program, word) !== null) at += words[at + 1] === '=' ? 2 : 1;
  }
  return -1;
}

function readOption(program: Command, typed: string): Wanted {
  const at = typed.indexOf('=');
  if (at < 0) return { kind: 'option' };
  const option = optionThatTakes(program, typed.slice(0, at));
  if (option === null) return { kind: 'nothing' };
  return { kind: 'value', option, typed: typed.slice(at + 1), before: typed.slice(0, at + 1) };
}

function optionThatTakes(program: Command, name: string): Option | null {
  const option = program.options.find(({ short, long }) => name === short || name === long);
  return option !== undefined && (option.required || option.optional) ? option : null;
}
