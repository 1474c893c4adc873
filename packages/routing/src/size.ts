import type { Token } from './tokens.ts';
import type { Reason } from './types.ts';

/** Words that add a requirement to a task. */
const REQUIREMENTS: ReadonlySet<string> = new Set(
  'with without must should including unless while but never only although except such honouring whether despite ohne muss con sin debe avec sans'.split(
    ' ',
  ),
);

/** Words from which on a text is long, and what that adds. */
const LENGTHS: readonly { words: number; weight: number }[] = [
  { words: 300, weight: 4 },
  { words: 120, weight: 3 },
  { words: 60, weight: 2 },
  { words: 30, weight: 1 },
];

/** Scripts that put no blanks between words; two of their characters are about one word. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u;

/** How long the text is, in words. */
export function countWords(tokens: readonly Token[]): number {
  return tokens.reduce((sum, token) => sum + (token.kind === 'word' ? countInToken(token.text) : 0), 0);
}

function countInToken(text: string): number {
  return UNSPACED.test(text) ? Math.ceil(text.length / 2) : 1;
}

/** What the length of the prose and the number of its conditions add. */
export function weighSize(tokens: readonly Token[]): Reason[] {
  const words = countWords(tokens);
  const conditions = tokens.filter((token) => token.kind === 'word' && REQUIREMENTS.has(token.text)).length;
  const clauses = tokens.filter(({ kind, text }) => kind === 'break' && /[,;:]/.test(text)).length;
  const requirements = Math.min(1.5, conditions / 2 + clauses / 4);
  const length = LENGTHS.find((step) => words >= step.words)?.weight ?? 0;
  return [
    ...(requirements > 0 ? [{ feature: 'requirements', weight: requirements }] : []),
    ...(length > 0 ? [{ feature: 'length', weight: length }] : []),
  ];
}
