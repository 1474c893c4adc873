import { stemWord } from './stem.ts';

/**
 * A piece of prose. `name`: a path, an identifier, quoted or back-ticked text, whose words say what a thing is called
 * and not what is to be done. `break`: where a clause may end.
 */
export type Token =
  | { kind: 'word'; text: string; stem: string }
  | { kind: 'name'; text: string; quoted: boolean }
  | { kind: 'number'; text: string }
  | { kind: 'break'; text: string };

/** Longer words are not words (a key, a blob in base 64) and are not looked at. */
const LONGEST_WORD = 60;

const NAME = /^(?:\.{0,2}\/|~|\.[a-z]|--?[a-z])|:\/\/|_|\/$|[a-z0-9]\.[a-z]{1,6}$|[a-z]\.[a-z]+\/|@[a-z]/i;
const NUMBER = /^[v#$€£]?\d[\d.,:%]*$/;
const WORDS = /\p{L}[\p{L}\p{M}\p{N}]*(?:['’]\p{L}+)?|\p{N}+|[,;:.!?()]/gu;

/** Cuts lines of prose into tokens; every line ends in a break. Linear in the length of the lines. */
export function tokenise(lines: readonly string[]): Token[] {
  const tokens: Token[] = [];
  for (const line of lines) {
    for (const piece of splitQuoted(line)) {
      if (piece.quoted) tokens.push({ kind: 'name', text: piece.text.slice(0, LONGEST_WORD), quoted: true });
      else pushUnquoted(piece.text, tokens);
    }
    tokens.push({ kind: 'break', text: '\n' });
  }
  return tokens;
}

/** Takes out what stands between two back-ticks or two double quotes. A mark without its partner is no quote. */
function splitQuoted(line: string): { text: string; quoted: boolean }[] {
  const parts = line.split(/[`"“”„]/);
  const unpaired = parts.length % 2 === 0;
  return parts.map((text, index) => ({ text, quoted: index % 2 === 1 && !(unpaired && index === parts.length - 1) }));
}

function pushUnquoted(text: string, tokens: Token[]): void {
  for (const chunk of text.split(/\s+/)) {
    const bare = chunk.replace(/^[([]+/, '').replace(/[)\],;:.!?]{1,4}$/, '');
    if (bare === '' || bare.length > 8 * LONGEST_WORD) continue;
    if (NUMBER.test(bare)) tokens.push({ kind: 'number', text: bare });
    else if (NAME.test(bare)) tokens.push({ kind: 'name', text: bare.toLowerCase(), quoted: false });
    else pushWords(bare, tokens);
    if (/[,;:.!?)\]]$/.test(chunk)) tokens.push({ kind: 'break', text: chunk.slice(-1) });
  }
}

function pushWords(chunk: string, tokens: Token[]): void {
  for (const [text] of chunk.matchAll(WORDS)) {
    if (/^[,;:.!?()]/.test(text)) tokens.push({ kind: 'break', text });
    else if (/^\p{N}/u.test(text)) tokens.push({ kind: 'number', text });
    else tokens.push({ kind: 'word', text: text.toLowerCase(), stem: stemWord(text.slice(0, LONGEST_WORD)) });
  }
}
