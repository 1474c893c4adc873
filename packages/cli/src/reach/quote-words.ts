/**
 * Words as one line that a remote login shell splits into the same words again. Nothing within the single quotes is special to
 * a POSIX shell or to fish, which differ in what a backslash means there: so neither a backslash nor a quote stands within them.
 * Outside of them stands only what no shell expands anywhere in a word; zsh, as the login shell of every Mac, makes the path of
 * `ls` out of `=ls`.
 */
export function quoteWords(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:@-]+$/.test(word) ? word : `'${word.replace(/['\\]/g, (char) => `'\\${char}'`)}'`;
}

/** A command line of a person's as words: spaces part them, quotes and backslashes keep together; nothing is expanded. Null where a quote has no end. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    const next = line[at + 1];
    if (quote !== null && char === quote) quote = null;
    else if (quote === null && (char === "'" || char === '"')) {
      quote = char;
      word ??= '';
    } else if (char === '\\' && quote !== "'" && next !== undefined && (quote === null || /["\\]/.test(next))) {
      word = (word ?? '') + next;
      at++;
    } else if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) return null;
  return word === null ? words : [...words, word];
}
