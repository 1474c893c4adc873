import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test.each([
  ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
  ['the eight-bit form of the same', '\u009b31mred', 'red'],
  ['clearing and moving', 'a\u001b[2J\u001b[Hb\u001b[10A', 'ab'],
  ['a window title', '\u001b]0;owned\u0007text', 'text'],
  ['the clipboard', '\u001b]52;c;cm0gLXJm\u001b\\text', 'text'],
  ['a link', '\u001b]8;;http://evil.example\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['device control', '\u001bP$qm\u001b\\text', 'text'],
  ['a reset', '\u001bctext', 'text'],
  ['the other character set', '\u001b(0text', 'text'],
  ['a sequence without an end', 'text\u001b[', 'text'],
  ['bells, backspaces and NUL', 'a\u0007\b\0b', 'ab'],
  ['text that runs backwards', 'a\u202eb\u2066c', 'abc'],
])('%s goes', (_title, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test('newlines, tabs and every script stay, and a carriage return becomes a newline', () => {
  expect(plainText('a\tb\nc')).toBe('a\tb\nc');
  expect(plainText('10 %\r20 %\r\n')).toBe('10 %\n20 %\n');
  expect(plainText('žluťoučký 漢字 👩‍💻')).toBe('žluťoučký 漢字 👩‍💻');
});

test('whatever comes in, nothing comes out that a terminal obeys', () => {
  const pieces = fc.constantFrom('\u001b', '[', ']', '0;', '\u0007', '\\', 'm', '\u009b', '\n', '\r', 'a', '\u009c', 'P');
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      expect(plainText(parts.join(''))).toMatch(/^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u);
    }),
  );
});
