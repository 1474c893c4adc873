import { findExclusions } from './exclusions.ts';
import { type FoundWord, findWords, indexWords } from './find-words.ts';
import { weighHidden } from './hidden.ts';
import { type FoundOperation, findOperations, indexOperations } from './operation.ts';
import { stemPhrase } from './phrases.ts';
import { splitProse } from './prose.ts';
import { countWords, weighSize } from './size.ts';
import { weighSmall } from './small.ts';
import { isSpelledOut } from './spelled-out.ts';
import { type Token, tokenise } from './tokens.ts';
import type { Reason, WordWeights } from './types.ts';
import type { OperationKind } from './vocabulary/operations.ts';

/**
 * How much of what a text is about counts, given what is to be done with it. Even to look at a hard thing (5) makes a
 * task for sonnet: a hard task that begins with a light verb costs more on haiku than a light one costs on sonnet.
 */
const SHARE: { readonly [kind in OperationKind]: number } = {
  light: 0.4,
  inspect: 0.5,
  describe: 0.5,
  mend: 1,
  make: 1,
  think: 1,
};

const BUILT_IN = { operations: indexOperations({}), words: indexWords({}) };

/** Everything in the text that counts, each with its weight: the operation, what it is about, what makes it small. */
export function scoreText(text: string, overrides: WordWeights = {}): Reason[] {
  const { lines, pastedLines } = splitProse(text);
  const tokens = tokenise(lines);
  if (tokens.every(({ kind }) => kind === 'break')) return pastedLines > 0 ? [{ feature: 'only-pasted-text', weight: 2 }] : [];

  const plain = Object.keys(overrides).length === 0;
  const operations = findOperations(tokens, plain ? BUILT_IN.operations : indexOperations(overrides));
  const isOperation = (word: FoundWord): boolean =>
    operations.some(({ at, phrase }) => at === word.at && samePhrase(phrase, word.phrase));
  const words = findWords(tokens, plain ? BUILT_IN.words : indexWords(overrides)).filter((word) => !isOperation(word));
  const [strongest = assumeOperation(tokens), ...others] = operations.toSorted((a, b) => b.weight - a.weight);

  const ofKind = (kind: FoundWord['kind']): FoundWord[] => words.filter((word) => word.kind === kind);
  const judged = ofKind('judgement');
  const spelledOut = others.every(({ weight }) => weight < 2) && isSpelledOut(strongest, tokens);
  const usualShare = spelledOut ? SHARE.inspect : SHARE[strongest.kind];
  const share = judged.length > 0 ? 1 : usualShare;
  const demands = [
    ...weighFalling(ofKind('domain'), 0.5, 8),
    ...weighFalling(ofKind('symptom'), 0.5, strongest.kind === 'mend' ? 1 : 3),
    ...weighFalling(ofKind('rare'), 0, strongest.kind === 'mend' ? 2.5 : 1),
    ...weighFalling([...ofKind('absolute'), ...findExclusions(tokens)], 1, strongest.kind === 'mend' ? 1.5 : 3.5),
    ...weighFalling(ofKind('scope'), 1, 2),
    ...weighFalling(judged, 0, usualShare < 1 ? 2 : 1),
    ...weighSize(tokens),
    ...(pastedLines > 0 ? [{ feature: 'pasted-text', weight: 0.5 }] : []),
  ];
  const [operation, ...rest] = [
    { feature: strongest.phrase, weight: strongest.weight },
    ...weighHidden(strongest, tokens),
    ...weighOthers(others, strongest),
    ...demands.map(({ feature, weight }) => ({ feature, weight: roundQuarter(weight * share) })),
    ...weighFalling(ofKind('custom'), 1, Number.POSITIVE_INFINITY),
    ...weighSmall(words, strongest, spelledOut, tokens),
  ].map(({ feature, weight }) => ({ feature: nameFeature(feature), weight }));
  return [operation, ...rest.filter(({ weight }) => weight !== 0)].filter((reason) => reason !== undefined);
}

/** Without a known verb the task may be anything; a couple of words are more likely a small thing. */
function assumeOperation(tokens: readonly Token[]): FoundOperation {
  return { phrase: 'no known verb', kind: 'make', weight: countWords(tokens) <= 2 ? 1 : 2, at: 0 };
}

/** Each further kind of work adds a little: to build and to test is more than to build. */
function weighOthers(others: readonly FoundOperation[], strongest: FoundOperation): Reason[] {
  const phrases = new Set(
    others.filter(({ phrase, weight }) => weight >= 2 && phrase !== strongest.phrase).map(({ phrase }) => phrase),
  );
  return [...phrases].slice(0, 2).map((phrase) => ({ feature: phrase, weight: 0.5 }));
}

/** The first word counts in full, the others by a share, all together at most `limit`. */
function weighFalling(words: readonly Pick<FoundWord, 'phrase' | 'weight'>[], laterShare: number, limit: number): Reason[] {
  let left = limit;
  return words.map(({ phrase, weight }, index) => {
    const wanted = index === 0 ? weight : weight * laterShare;
    const given = Math.min(wanted, left);
    left -= given;
    return { feature: phrase, weight: given };
  });
}

function samePhrase(one: string, other: string): boolean {
  return stemPhrase(one) === stemPhrase(other);
}

function nameFeature(phrase: string): string {
  return phrase.trim().replaceAll(/\s+/g, '-');
}

function roundQuarter(weight: number): number {
  return Math.round(weight * 4) / 4;
}
