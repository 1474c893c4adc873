import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteWords, splitWords } from './quote-words.ts';

const word = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));

/** How each shell reads a line that sshd gives it as the login shell, with an option that changes what quotes mean where it has one. */
const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ['sh', '-c'],
  ['bash', '-c'],
  ['bash', '--posix', '-c'],
  ['zsh', '-c'],
  ['zsh', '-o', 'rcquotes', '-o', 'extendedglob', '-o', 'magicequalsubst', '-c'],
  ['fish', '--no-config', '-c'],
];

describe.each(SHELLS)('%s %s', (shell, ...options) => {
  const isMissing = spawnSync(shell, ['-c', 'true']).error !== undefined;

  test.skipIf(isMissing && process.env.CI !== 'true')('splits a quoted line into the same words, whatever they are', () => {
    const starts = [...' \'"\\$`\n\t*?[]~!^#%=+-@:,;&|<>(){}\u001e'];
    const odd = ['', ..."'' \\' $(id) =ls == a=~ {a,b} !! ^a^b %self %1 ~root <(id) -n **/*".split(' ')];
    const random = fc.sample(fc.array(word, { minLength: 1, maxLength: 40 }), 8);
    for (const words of [starts, starts.map((start) => `${start}ls`), starts.map((end) => `ls${end}`), odd, ...random]) {
      // Not the shell's own printf: each has another one.
      const line = quoteWords(['env', 'printf', '%s\\0', ...words]);
      const { stdout } = spawnSync(shell, [...options, line], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: '/' } });
      expect(stdout).toBe(words.map((each) => `${each}\0`).join(''));
    }
  });
});

test('neither a quote nor a backslash stands within quotes, where fish reads a backslash otherwise', () => {
  expect(quoteWords(['a\\', "it's", 'plain-1.2/x', 'a=b'])).toBe("'a'\\\\'' 'it'\\''s' plain-1.2/x 'a=b'");
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
