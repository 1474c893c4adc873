import type { FoundOperation } from './operation.ts';
import { countWords } from './size.ts';
import type { Token } from './tokens.ts';
import type { Reason } from './types.ts';

/** Words from which on a text describes more than one small step. */
const DETAILED_WORDS = 9;
/** The same for a move: what has no name is more than a file. */
const MOVED_WORDS = 6;
/** What a verb has that makes it real work. */
const REAL_WORK = 2;

const CONDITIONS: ReadonlySet<string> = new Set(['when', 'whenever', 'while', 'before', 'after', 'unless', 'until']);

/** The work that a verb hides which is by itself a small step. */
export function weighHidden(operation: FoundOperation, tokens: readonly Token[]): Reason[] {
  if (describesBehaviour(operation, tokens)) return [{ feature: 'behaviour', weight: REAL_WORK - operation.weight }];
  return describesDetails(operation, tokens) ? [{ feature: 'details', weight: 1 }] : [];
}

/** `Show a message when nothing is found` asks for a program that does so, and not for a message. */
function describesBehaviour({ kind, weight, at }: FoundOperation, tokens: readonly Token[]): boolean {
  const object = tokens[at + 1];
  if (weight >= REAL_WORK || kind === 'inspect' || object?.kind !== 'word' || !/^an?$/.test(object.text)) return false;
  return tokens.some(({ kind, text }, index) => index > at + 2 && kind === 'word' && CONDITIONS.has(text));
}

/** To move something is a small step, unless it takes many words to say what and where to, none of them a name. */
function describesDetails({ phrase, kind, weight }: FoundOperation, tokens: readonly Token[]): boolean {
  const onlyWords = tokens.every((token) => token.kind === 'word' || token.kind === 'break');
  return kind === 'make' && weight === 1 && onlyWords && countWords(tokens) >= (phrase === 'move' ? MOVED_WORDS : DETAILED_WORDS);
}
