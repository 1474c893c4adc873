import type { FoundWord } from './find-words.ts';
import type { FoundOperation } from './operation.ts';
import { countWords } from './size.ts';
import type { Token } from './tokens.ts';
import type { Reason } from './types.ts';

/** Verbs that can set something to a value that the text spells out. */
const SETS_VALUE =
  /^(?:add|append|change|correct|put|remove|raise|replace|scale|set|switch|update|write|use|lower|increase|decrease)$/;
/** Verbs with which a detail is set. To add one may mean to build the place for it. */
const CHANGES_DETAIL = /^(?:change|correct|make|replace|set|switch|turn|update)$/;
const PREPOSITIONS: ReadonlySet<string> = new Set(['to', 'into', 'in', 'with', 'from', 'by', 'on', 'at']);
const TARGETS: ReadonlySet<string> = new Set(['to', 'with', 'by']);

const DEFINITE: ReadonlySet<string> = new Set([
  'it',
  'them',
  'this',
  'that',
  'these',
  'those',
  'the',
  'my',
  'myself',
  'me',
  'us',
]);
const PLAIN_FILE = /\.(?:md|txt|csv|json|ya?ml|toml|ini|env)$/;

/** Words up to which a change can be said to be spelled out. */
const SPELLED_OUT_WORDS = 14;
/** Words in which a text is so short that all of it is about one thing. */
const ONE_THING_WORDS = 10;
/** Tokens after the verb within which its object stands. */
const OBJECT_REACH = 6;

/**
 * What makes the job small: a word for a small thing close to the verb, or a change that the text spells out. It takes back
 * what the verb added and no more: a typo to be fixed on the way does not make a redesign easy.
 */
export function weighSmall(found: readonly FoundWord[], operation: FoundOperation, tokens: readonly Token[]): Reason[] {
  const words = countWords(tokens);
  const near = (at: number): boolean => words <= ONE_THING_WORDS || (at >= operation.at && at - operation.at <= OBJECT_REACH);
  const counted = found.filter(
    ({ kind, at }) =>
      (kind === 'small' && near(at)) ||
      (kind === 'detail' && near(at) && CHANGES_DETAIL.test(operation.phrase)) ||
      (kind === 'visual' && near(at) && operation.kind === 'think'),
  );
  const spelledOut = isSpelledOut(operation, tokens);
  const wanted = [
    ...(spelledOut ? [{ feature: 'literal-value', weight: -Math.max(0, operation.weight) }] : []),
    ...counted.map(({ phrase, weight }) => ({ feature: phrase, weight })),
  ];
  let left = Math.max(0, operation.weight);
  return wanted.map(({ feature, weight }) => {
    const taken = Math.min(-weight, left);
    left -= taken;
    return { feature, weight: -taken };
  });
}

/** Whether a short text says what something is to be set to: `to 9090`; or `"x" to y`, where y is quoted or the name of a file. */
export function isSpelledOut(operation: FoundOperation, tokens: readonly Token[]): boolean {
  if (countWords(tokens) > SPELLED_OUT_WORDS || !SETS_VALUE.test(operation.phrase)) return false;
  return (
    copiesIntoFile(operation, tokens) ||
    tokens.some((token, at) => {
      const next = tokens[at + 1];
      if (token.kind === 'word') return TARGETS.has(token.text) && (next?.kind === 'number' || isQuoted(next));
      if (!isQuoted(token) || next?.kind !== 'word' || !PREPOSITIONS.has(next.text)) return false;
      return tokens.slice(at + 2, at + 5).some(({ kind }) => kind === 'name');
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

function isQuoted(token: Token | undefined): boolean {
  return token?.kind === 'name' && token.quoted;
}
