import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './split-lines.ts';

/** All lines of a text that comes in pieces of these lengths, over and over. */
function split(text: string, lengths: readonly number[], limit?: number): { lines: string[]; dropped: number } {
  const splitter = new LineSplitter(limit);
  const lines: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    lines.push(...splitter.push(text.slice(at, at + length)));
    at += length;
  }
  const rest = splitter.end();
  return { lines: rest === null ? lines : [...lines, rest], dropped: splitter.dropped };
}

test('lines are the same however the text is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 })),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (words, cuts) => {
        const lines = words.map((word) => word.replaceAll('\n', ' '));
        expect(split(lines.join('\n'), cuts)).toEqual({ lines, dropped: 0 });
      },
    ),
  );
});

test('a line of just the limit is kept', () => {
  expect(split('12345\n12\n', [2], 5)).toEqual({ lines: ['12345', '12'], dropped: 0 });
});

test('a longer line is dropped and counted, and the next one is whole', () => {
  expect(split('123456789\n12\n', [3], 5)).toEqual({ lines: ['12'], dropped: 1 });
  expect(split('123456789', [9], 5)).toEqual({ lines: [], dropped: 1 });
});
