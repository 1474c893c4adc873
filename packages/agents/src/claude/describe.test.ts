import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeCall, describeExit, describeRetry, firstLine, shorten, shortenToBytes, tail } from './describe.ts';

test.each([
  [{ description: 'Run it', command: 'npm test\n  --all' }, 'npm test --all'],
  [{ content: 'long', file_path: 'a.txt' }, 'a.txt'],
  [{ unheard_of: 'of something' }, 'of something'],
  [{ count: 3 }, ''],
  [null, ''],
])('a call with %j is about %j', (input, about) => {
  expect(describeCall(input)).toBe(about);
});

test('a retry tells what the service answered, if it did', () => {
  const event = { attempt: 1, max_retries: 3, retry_delay_ms: 571.2, error_status: 529, error: 'overloaded' };
  expect(describeRetry(event)).toBe('the service answered 529 (overloaded); try 1 of 3, in 0.6 s');
  expect(describeRetry({ ...event, error_status: null })).toBe('no answer from the service; try 1 of 3, in 0.6 s');
  expect(describeRetry({})).toBe('no answer from the service; trying again');
});

test('an exit status above 128 names the signal that a shell means by it', () => {
  expect(describeExit({ exitCode: 143, signal: null })).toBe('exit status 143: SIGTERM');
  expect(describeExit({ exitCode: 2, signal: null })).toBe('exit status 2');
  expect(describeExit({ exitCode: null, signal: 'SIGKILL' })).toBe('killed by SIGKILL');
  expect(describeExit({ exitCode: null, signal: null })).toBe('no exit status');
});

test('a shortened text is no longer than it may be, and of whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, most) => {
      const short = shorten(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      // Throws where half a character is left.
      expect(() => encodeURIComponent(short)).not.toThrow();
      if (text.length <= most) expect(short).toBe(text);
    }),
  );
});

test('a text shortened to bytes is no longer than it may be, and the beginning of what it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 20 }), (text, most) => {
      const short = shortenToBytes(text, most);
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(most);
      if (Buffer.byteLength(text) <= most) expect(short).toBe(text);
      else expect(text.startsWith(short.replace(/…$/, ''))).toBe(true);
    }),
  );
});

test('the end of a long text begins with a line', () => {
  expect(tail('one\ntwo\nthree', 7)).toBe('…\nthree');
  expect(tail('one\n', 7)).toBe('one');
  expect(firstLine('\n one \n two')).toBe('one');
});
