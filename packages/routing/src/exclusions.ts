import type { Word } from './find-words.ts';
import type { Token } from './tokens.ts';

const WEIGHT = 1.5;

/** What must not happen on the way (`without logging anybody out`), at most one: the first. */
export function findExclusions(tokens: readonly Token[]): Word[] {
  const excludes = tokens.some((token, at) => {
    const next = tokens[at + 1];
    return token.kind === 'word' && token.text === 'without' && next?.kind === 'word' && /.ing$/.test(next.text);
  });
  return excludes ? [{ phrase: 'without doing', kind: 'absolute', weight: WEIGHT }] : [];
}
