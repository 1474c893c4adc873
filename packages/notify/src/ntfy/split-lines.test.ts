import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from './split-lines.ts';

test('lines are the same however a stream is cut into chunks', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }).map((line) => line.replaceAll('\n', '')));
  fc.assert(
    fc.property(lines, fc.array(fc.nat(7)), (whole, sizes) => {
      const bytes = Buffer.from(whole.map((line) => `${line}\n`).join(''));
      const splitter = new LineSplitter(1000);
      const found: string[] = [];
      let start = 0;
      for (const size of sizes) {
        found.push(...(splitter.push(bytes.subarray(start, start + size)) ?? []));
        start += size;
      }
      found.push(...(splitter.push(bytes.subarray(start)) ?? []));
      expect(found).toEqual(whole);
    }),
  );
});

test('a line may be as long as allowed and no longer, in one chunk or many', () => {
  expect(new LineSplitter(4).push(Buffer.from('four\nfour\n'))).toEqual(['four', 'four']);
  expect(new LineSplitter(4).push(Buffer.from('fives\n'))).toBeNull();
  const splitter = new LineSplitter(4);
  expect(splitter.push(Buffer.from('fo'))).toEqual([]);
  expect(splitter.push(Buffer.from('ur'))).toEqual([]);
  expect(splitter.push(Buffer.from('s'))).toBeNull();
});
