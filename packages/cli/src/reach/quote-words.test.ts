import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteWords, splitWords } from './quote-words.ts';

const word = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));

test('a shell splits a quoted line into the same words, whatever they are', () => {
  const words = fc.sample(fc.array(word, { minLength: 1, maxLength: 40 }), 8);
  const odd = ['', ' ', "'", "''", '\\', "\\'", '$(id)', '`id`', '\n', '*', '~', '!', '-n', '"', 'a\tb', '\u001e'];
  for (const sample of [...words, odd]) {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${quoteWords(sample)}`], { encoding: 'utf8', env: {} });
    expect(stdout).toBe(sample.map((each) => `${each}\0`).join(''));
  }
});

test('neither a quote nor a backslash stands within quotes, where fish reads a backslash otherwise', () => {
  expect(quoteWords(['a\\', "it's", 'plain-1.2/x'])).toBe("'a'\\\\'' 'it'\\''s' plain-1.2/x");
});

test.each<[string, string[] | null]>([
  ['ssh', ['ssh']],
  ['  ssh   -F  x ', ['ssh', '-F', 'x']],
  ['"/opt/open ssh/ssh" -i \'my key\'', ['/opt/open ssh/ssh', '-i', 'my key']],
  ['a\\ b "c\\"d" "$HOME" \'\\\'', ['a b', 'c"d', '$HOME', '\\']],
  ["''", ['']],
  ['', []],
  ['"ssh', null],
])('%s is the words %j', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});
