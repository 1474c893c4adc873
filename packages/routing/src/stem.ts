/**
 * Brings the forms of an English word together (`tests`, `testing`, `tested` → `test`) by cutting endings.
 * A stem need not be a word; it only has to be the same for the words in the vocabulary and in a text.
 */
export function stemWord(word: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]s?$/, '');
  if (plain.length < 4 || !/^[a-z]+$/.test(plain)) return plain;
  return cutTail(cutDerived(cutEnding(plain)));
}

const VOWEL = /[aeiouy]/;

function cutEnding(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('s')) return cutVerbEnding(/(?:s|x|z|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1));
  return cutVerbEnding(word);
}

function cutVerbEnding(word: string): string {
  for (const ending of ['ing', 'ed']) {
    const root = word.slice(0, -ending.length);
    if (word.endsWith(ending) && root.length > 2 && !word.endsWith('eed') && VOWEL.test(root)) return root;
  }
  return word;
}

/** `corruption` meets `corrupt`, `isolation` meets `isolate`, `optimally` meets `optimal`. Short words are left alone: `version`, `only`. */
function cutDerived(root: string): string {
  if (root.length >= 8 && /[st]ion$/.test(root)) return root.slice(0, -3);
  return root.length >= 7 && /[^aeiou]ly$/.test(root) ? root.slice(0, -2) : root;
}

/** `cache` meets `caching`, `plan` meets `planning`, `retry` meets `retries`. */
function cutTail(root: string): string {
  const single = root.replace(/([bcdfgklmnprtvz])\1$/, '$1');
  return single.length > 3 && single.endsWith('e') ? single.slice(0, -1) : single;
}
