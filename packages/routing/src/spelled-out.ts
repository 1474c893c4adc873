import type { FoundOperation } from './operation.ts';
import { countWords } from './size.ts';
import type { Token } from './tokens.ts';

/** Verbs that can set something to a value that the text spells out. */
const SETS_VALUE =
  /^(?:add|append|change|correct|put|remove|raise|replace|scale|set|switch|update|write|use|lower|increase|decrease)$/;
const PREPOSITIONS: ReadonlySet<string> = new Set(['to', 'into', 'in', 'with', 'from', 'by', 'on', 'at']);
const TARGETS: ReadonlySet<string> = new Set(['to', 'with', 'by']);
/** What stands for something that is there already. */
const DEFINITE: ReadonlySet<string> = new Set('it them this that these those the my myself me us'.split(' '));
/** Files into which text can be put as it is. */
const PLAIN_FILE = /\.(?:md|txt|csv|json|ya?ml|toml|ini|env)$/;
/** Files of keys and values. */
const KEYS_FILE = /\.(?:json|ya?ml|toml|ini|env)$/;
/** Words up to which a change can be said to be spelled out. */
const SPELLED_OUT_WORDS = 14;

/** Whether a short text says what something is to be set to: `to 9090`; or `"x" to y`, where y is quoted or the name of a file. */
export function isSpelledOut(operation: FoundOperation, tokens: readonly Token[]): boolean {
  if (countWords(tokens) > SPELLED_OUT_WORDS || !SETS_VALUE.test(operation.phrase)) return false;
  return (
    copiesIntoFile(operation, tokens) ||
    setsKeyOfFile(operation, tokens) ||
    tokens.some((token, at) => {
      const next = tokens[at + 1];
      if (token.kind === 'word') return TARGETS.has(token.text) && (next?.kind === 'number' || isQuoted(next));
      if (!isQuoted(token) || next?.kind !== 'word' || !PREPOSITIONS.has(next.text)) return false;
      return tokens.slice(at + 2, at + 6).some(({ kind, text }) => kind === 'name' || text === 'file');
    })
  );
}

/** `Write it into today.txt`: what is there already goes into a file of plain text. */
function copiesIntoFile({ phrase, at }: FoundOperation, tokens: readonly Token[]): boolean {
  const object = tokens[at + 1];
  if (!/^(?:add|append|put|write)$/.test(phrase) || object?.kind !== 'word' || !DEFINITE.has(object.text)) return false;
  return tokens.some((token, index) => {
    const next = tokens[index + 1];
    return token.kind === 'word' && /^(?:to|into|in)$/.test(token.text) && next?.kind === 'name' && PLAIN_FILE.test(next.text);
  });
}

/** `Change the author in package.json to Jane`. */
function setsKeyOfFile({ phrase }: FoundOperation, tokens: readonly Token[]): boolean {
  if (!/^(?:change|set|update)$/.test(phrase)) return false;
  return (
    tokens.some(({ kind, text }) => kind === 'name' && KEYS_FILE.test(text)) &&
    tokens.some(({ kind, text }) => kind === 'word' && text === 'to')
  );
}

function isQuoted(token: Token | undefined): boolean {
  return token?.kind === 'name' && token.quoted;
}
