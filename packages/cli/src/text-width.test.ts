import { expect, test } from 'vitest';
import { cutFromLeft, cutToWidth, displayWidth, padToWidth } from './text-width.ts';

test.each([
  ['plain', 5],
  ['naïve', 5],
  ['e\u0301te\u0301', 3],
  ['漢字', 4],
  ['ひらがな', 8],
  ['한국어', 6],
  ['한글', 4],
  ['ｶﾀｶﾅ', 4],
  ['Ａ！', 4],
  ['🚀', 2],
  ['👩‍👩‍👧‍👦', 2],
  ['👍🏽', 2],
  ['🇩🇪', 2],
  ['❤️', 2],
  ['✓ … · “”', 8],
  ['1️⃣', 2],
  ['\u200b', 0],
  ['', 0],
])('%j takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('what is cut fits, says that it was cut, and never ends in half a letter', () => {
  expect(cutToWidth('short', 5)).toBe('short');
  expect(cutToWidth('a long text', 7)).toBe('a long…');
  expect(cutToWidth('漢字漢字', 4)).toBe('漢…');
  expect(cutToWidth('a👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 4)).toBe('a👩‍👩‍👧‍👦…');
  expect(cutFromLeft('/a/long/path/queue.git', 12)).toBe('…h/queue.git');
  expect(cutFromLeft('漢字漢字', 4)).toBe('…字');
  expect(cutToWidth('anything', 0)).toBe('');
  expect(padToWidth('漢字', 6)).toBe('漢字  ');
});
