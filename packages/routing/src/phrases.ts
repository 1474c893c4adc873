import { stemWord } from './stem.ts';
import type { Token } from './tokens.ts';

/** Phrases by their first stem, so that looking one up costs as much as the longest phrase. */
export type PhraseTable<T> = ReadonlyMap<string, readonly Phrase<T>[]>;

interface Phrase<T> {
  phrase: string;
  stems: readonly string[];
  value: T;
}

/** Where a phrase stands in a text: `length` tokens from a position that the caller knows. */
export interface Match<T> {
  phrase: string;
  length: number;
  value: T;
}

/** Indexes phrases; the longest are tried first, and of equal ones the first given wins. */
export function indexPhrases<T>(entries: Iterable<readonly [phrase: string, value: T]>): PhraseTable<T> {
  const distinct = new Map<string, Phrase<T>>();
  for (const [phrase, value] of entries) {
    const stems = splitPhrase(phrase);
    const key = stems.join(' ');
    if (stems.length > 0 && !distinct.has(key)) distinct.set(key, { phrase, stems, value });
  }
  const table = new Map<string, Phrase<T>[]>();
  for (const entry of distinct.values()) {
    const first = entry.stems[0] ?? '';
    table.set(
      first,
      [...(table.get(first) ?? []), entry].sort((a, b) => b.stems.length - a.stems.length),
    );
  }
  return table;
}

/** The longest phrase that begins at this token, or null. */
export function matchPhrase<T>(table: PhraseTable<T>, tokens: readonly Token[], at: number): Match<T> | null {
  for (const { phrase, stems, value } of table.get(stemAt(tokens, at)) ?? []) {
    if (stems.every((stem, offset) => stemAt(tokens, at + offset) === stem)) return { phrase, length: stems.length, value };
  }
  return null;
}

/** The stems of a phrase joined by blanks: equal for two spellings of one phrase. */
export function stemPhrase(phrase: string): string {
  return splitPhrase(phrase).join(' ');
}

function splitPhrase(phrase: string): string[] {
  return phrase
    .trim()
    .split(/[\s-]+/)
    .filter((word) => word !== '')
    .map(stemWord);
}

/** Names count by their whole text, so that `.gitignore` can be a phrase. */
function stemAt(tokens: readonly Token[], at: number): string {
  const token = tokens[at];
  switch (token?.kind) {
    case 'word':
      return token.stem;
    case 'name':
      return stemWord(token.text);
    case 'number':
    case 'break':
    case undefined:
      return '\n';
  }
}
