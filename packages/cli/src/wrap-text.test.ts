import { expect, test } from 'vitest';
import { displayWidth } from './text-width.ts';
import { wrapText } from './wrap-text.ts';

const TEXT = 'waits for the key `deploy`, which `x` holds';

test('text wraps between words, and its last line is cut', () => {
  expect(wrapText(TEXT, 16)).toEqual(['waits for the', 'key `deploy`,', 'which `x` holds']);
  expect(wrapText(TEXT, 16, { maxLines: 2 })).toEqual(['waits for the', 'key `deploy`, w…']);
  expect(wrapText('exactly ten', 7)).toEqual(['exactly', 'ten']);
  expect(wrapText('', 5)).toEqual([]);
  expect(wrapText('any length', Number.POSITIVE_INFINITY, { maxLines: 1 })).toEqual(['any length']);
});

test('what stands before the lines counts', () => {
  expect(wrapText(TEXT, 18, { first: 'why:  ', next: '  ' })).toEqual([
    'why:  waits for',
    '  the key',
    '  `deploy`, which',
    '  `x` holds',
  ]);
  expect(wrapText('a b', 4, { first: '  ' })).toEqual(['  a', '  b']);
  expect(wrapText('漢字 漢字', 8, { first: '漢字' })).toEqual(['漢字漢字', '漢字漢字']);
});

test('a word that is too wide goes on in the next line, or stays whole where it is to be copied', () => {
  expect(wrapText('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(wrapText('see /a/rather/long/path now', 10)).toEqual(['see', '/a/rather/', 'long/path', 'now']);
  expect(wrapText('a /rather/long/path now', 10)).toEqual(['a /rather/', 'long/path', 'now']);
  expect(wrapText('see /a/rather/long/path now', 10, { keepWords: true })).toEqual(['see', '/a/rather/long/path', 'now']);
});

test('wide letters take two columns', () => {
  expect(wrapText('漢字漢字漢字', 5)).toEqual(['漢字', '漢字', '漢字']);
  expect(wrapText('漢字 漢字 漢字', 9)).toEqual(['漢字 漢字', '漢字']);
  expect(wrapText('漢字', 1)).toEqual(['漢', '字']);
});

test.each([1, 2, 7, 20, 33])('in %i columns no word is lost, and no line is too wide but by a single letter', (columns) => {
  const text = `${TEXT} ${'x'.repeat(50)} 👩‍👩‍👧‍👦 ${'🚀'.repeat(9)} end`;
  for (const wrapping of [{}, { first: '    ', next: '  ' }, { first: '', next: '      ' }]) {
    const lines = wrapText(text, columns, wrapping);
    const prefix = Math.max(...Object.values(wrapping).map((before) => before.length), 0);
    for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(Math.max(columns, prefix + 2));
    expect(lines.join('').replace(/ /g, '')).toBe(text.replace(/ /g, ''));
  }
});
