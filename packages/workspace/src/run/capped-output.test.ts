import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CappedOutput } from './capped-output.ts';

describe('capped output', () => {
  test('below the cap, nothing is lost, however it was cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 50 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (text, cuts) => {
          const output = new CappedOutput(10_000);
          for (const chunk of cut(Buffer.from(text), cuts)) output.push(chunk);
          expect(output.text()).toBe(text);
          expect(output.capped).toBe(false);
        },
      ),
    );
  });

  test('above it, head and tail are kept, the number of bytes left out is right, and no character is broken', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 60 }),
        fc.string({ unit: fc.constantFrom('a', 'é', '漢', '🐌'), minLength: 61, maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (capBytes, text, cuts) => {
          const output = new CappedOutput(capBytes);
          for (const chunk of cut(Buffer.from(text), cuts)) output.push(chunk);
          const match = /^(.*)\n\[… (\d+) bytes of output left out …\]\n(.*)$/s.exec(output.text());
          expect(output.capped).toBe(true);
          expect(text.startsWith(match?.[1] ?? '?')).toBe(true);
          expect(text.endsWith(match?.[3] ?? '?')).toBe(true);
          expect(Number(match?.[2])).toBe(Buffer.byteLength(text) - 2 * Math.ceil(capBytes / 2));
        },
      ),
    );
  });
});

function* cut(bytes: Buffer, sizes: number[]): Generator<Buffer> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
