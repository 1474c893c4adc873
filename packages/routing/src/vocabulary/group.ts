/** Phrases that count the same, for one reason. */
export interface Group<Kind extends string> {
  kind: Kind;
  weight: number;
  phrases: readonly string[];
}

/** Splits a list written as one text: phrases apart by commas or line ends. */
export function list(phrases: string): string[] {
  return phrases
    .split(/[,\n]/)
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '');
}
