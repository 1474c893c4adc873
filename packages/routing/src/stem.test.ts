import { describe, expect, it } from 'vitest';
import { stemWord } from './stem.ts';

describe('the stem of a word', () => {
  it.each([
    ['tests', 'testing', 'tested', 'test'],
    ['caches', 'caching', 'cached', 'cache'],
    ['plans', 'planning', 'planned', 'plan'],
    ['retries', 'retry'],
    ['races', 'racing', 'race'],
    ['Änderungen', 'anderungen'],
    ['server', "server's"],
    ['corrupt', 'corruption'],
    ['isolate', 'isolation'],
    ['optimal', 'optimally'],
  ])('is the same for %s, %s, …', (...forms) => {
    expect(new Set(forms.map(stemWord)).size).toBe(1);
  });

  it.each([
    ['latest', 'test'],
    ['status', 'state'],
    ['speed', 'spe'],
    ['string', 'str'],
    ['access', 'acce'],
    ['version', 'verse'],
    ['only', 'on'],
  ])('of %s is not that of %s', (word, other) => {
    expect(stemWord(word)).not.toBe(stemWord(other));
  });
});
