import { indexPhrases, matchPhrase, type PhraseTable, stemPhrase } from './phrases.ts';
import type { Token } from './tokens.ts';
import type { WordWeights } from './types.ts';
import { OPERATIONS } from './vocabulary/operations.ts';
import { WORDS, type WordKind } from './vocabulary/words.ts';

/** A word or phrase that says something about the difficulty; `custom` ones come from the configuration. */
export interface Word {
  phrase: string;
  kind: WordKind | 'custom';
  weight: number;
}

/** A word and the index of the token at which the text first has it. */
export interface FoundWord extends Word {
  at: number;
}

const OPERATION_STEMS: ReadonlySet<string> = new Set(OPERATIONS.flatMap(({ phrases }) => phrases.map(stemPhrase)));

/** The configuration's words, and the built-in ones that it does not name. What is only a verb is left to the operations. */
export function indexWords(overrides: WordWeights): PhraseTable<Word> {
  const builtIn = new Map<string, Word>();
  for (const { kind, weight, phrases } of WORDS) {
    for (const phrase of phrases) {
      const stems = stemPhrase(phrase);
      if (!builtIn.has(stems)) builtIn.set(stems, { phrase, kind, weight });
    }
  }
  const own = Object.entries(overrides)
    .filter(([phrase]) => builtIn.has(stemPhrase(phrase)) || !OPERATION_STEMS.has(stemPhrase(phrase)))
    .map(([phrase, weight]): Word => ({ phrase, kind: 'custom', weight }));
  return indexPhrases([...own, ...builtIn.values()].map((word) => [word.phrase, word] as const));
}

/** Every distinct word of the table that the text has, heaviest first. A longer phrase hides the words in it. */
export function findWords(tokens: readonly Token[], table: PhraseTable<Word>): FoundWord[] {
  const found = new Map<string, FoundWord>();
  for (let at = 0; at < tokens.length; ) {
    const match = matchPhrase(table, tokens, at);
    if (match !== null && !found.has(match.phrase)) found.set(match.phrase, { ...match.value, at });
    at += match?.length ?? 1;
  }
  return [...found.values()].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}
