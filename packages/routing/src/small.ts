import type { FoundWord } from './find-words.ts';
import type { FoundOperation } from './operation.ts';
import { countWords } from './size.ts';
import type { Token } from './tokens.ts';
import type { Reason } from './types.ts';

/** Verbs with which a detail is set. To add one may mean to build the place for it. */
const CHANGES_DETAIL = /^(?:change|convert|correct|export|make|replace|save|set|switch|turn|update)$/;
/** Verbs for what does not exist yet, which is no small job though something in it is small; and what remains of them. */
const BUILDS = /^(?:build|develop|implement)$/;
const LEAST_TO_BUILD = 2;
/** Words in which a text is so short that all of it is about one thing. */
const ONE_THING_WORDS = 10;
/** Tokens after the verb within which its object stands. */
const OBJECT_REACH = 6;

/**
 * What makes the job small: a word for a small thing close to the verb, or a change that the text spells out. It takes back
 * what the verb added and no more: a typo to be fixed on the way does not make a redesign easy.
 */
export function weighSmall(
  found: readonly FoundWord[],
  operation: FoundOperation,
  spelledOut: boolean,
  tokens: readonly Token[],
): Reason[] {
  const words = countWords(tokens);
  const near = (at: number): boolean => words <= ONE_THING_WORDS || (at >= operation.at && at - operation.at <= OBJECT_REACH);
  const counted = found.filter(
    ({ kind, at }) =>
      (kind === 'small' && near(at)) ||
      (kind === 'detail' && near(at) && CHANGES_DETAIL.test(operation.phrase)) ||
      (kind === 'visual' && near(at) && operation.kind === 'think'),
  );
  const wanted = [
    ...(spelledOut ? [{ feature: 'literal-value', weight: -Math.max(0, operation.weight) }] : []),
    ...counted.map(({ phrase, weight }) => ({ feature: phrase, weight })),
  ];
  let left = Math.max(0, operation.weight - (BUILDS.test(operation.phrase) ? LEAST_TO_BUILD : 0));
  return wanted.map(({ feature, weight }) => {
    const taken = Math.min(-weight, left);
    left -= taken;
    return { feature, weight: -taken };
  });
}
