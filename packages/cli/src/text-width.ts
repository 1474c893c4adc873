/** Scripts whose letters a terminal draws two columns wide, fullwidth forms, and what it draws as a picture. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** Marks and controls take no column of their own. */
const NOTHING = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
const HALFWIDTH = /^[\uff61-\uffdc\uffe8-\uffee]/u;
const PLAIN = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** How many columns of a terminal the text takes. Colours count too: measure before painting. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return split(text).reduce((sum, letter) => sum + letterWidth(letter), 0);
}

/** The text in at most so many columns; what was cut off is told by `…`. */
export function cutToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  return `${takeWidth(text, columns - 1)}…`;
}

/** The same for a text whose end says more, such as a path. */
export function cutFromLeft(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  return `…${takeColumns(split(text).reverse(), columns - 1)
    .reverse()
    .join('')}`;
}

/** The text with spaces up to so many columns. */
export function padToWidth(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - displayWidth(text)))}`;
}

/** The beginning of the text that fits so many columns. */
export function takeWidth(text: string, columns: number): string {
  return PLAIN.test(text) ? text.slice(0, columns) : takeColumns(split(text), columns).join('');
}

function takeColumns(letters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const letter of letters) {
    used += letterWidth(letter);
    if (used > columns) break;
    taken.push(letter);
  }
  return taken;
}

/** What people take for one letter: a family of four with skin tones is one. */
function split(text: string): string[] {
  if (PLAIN.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

function letterWidth(letter: string): number {
  if (PLAIN.test(letter)) return 1;
  if (NOTHING.test(letter)) return 0;
  if (HALFWIDTH.test(letter)) return 1;
  return WIDE.test(letter) ? 2 : 1;
}
