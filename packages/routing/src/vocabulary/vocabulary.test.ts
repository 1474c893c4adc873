import { describe, expect, it } from 'vitest';
import { stemPhrase } from '../phrases.ts';
import { AMBIGUOUS, OPERATIONS } from './operations.ts';
import { WORDS } from './words.ts';

const stemsOf = (groups: readonly { phrases: readonly string[] }[]): string[] =>
  groups.flatMap(({ phrases }) => phrases.map(stemPhrase));
const findRepeated = (stems: readonly string[]): string[] => stems.filter((stem, at) => stems.indexOf(stem) !== at);

describe('the vocabulary', () => {
  it('has every operation once, whatever its form', () => {
    expect(findRepeated(stemsOf(OPERATIONS))).toEqual([]);
  });

  it('has every word once, whatever its form', () => {
    expect(findRepeated(stemsOf(WORDS))).toEqual([]);
  });

  it('has each operation that it calls ambiguous', () => {
    const known = new Set(stemsOf(OPERATIONS));
    expect(AMBIGUOUS.filter((phrase) => !known.has(stemPhrase(phrase)))).toEqual([]);
  });

  it('takes nothing but small things and looks as a reason for a lesser model', () => {
    for (const { kind, weight } of [...WORDS]) expect(weight < 0, kind).toBe(['small', 'detail', 'visual'].includes(kind));
  });
});
