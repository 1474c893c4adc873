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
  return `${takeColumns(split(text), columns - 1).join('')}…`;
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

/** The text in lines of at most so many columns, broken between words where that is possible; the last of `maxLines` is cut. */
export function wrapToWidth(text: string, columns: number, maxLines: number): string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== '' && lines.length < maxLines - 1 && displayWidth(rest) > columns) {
    const taken = takeColumns(split(rest), columns);
    const fit = taken.join('');
    const isWhole = rest.charAt(fit.length) === ' ';
    const space = fit.lastIndexOf(' ');
    const line = isWhole || space < columns / 3 ? fit || (split(rest)[0] ?? '') : fit.slice(0, space);
    lines.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return rest === '' ? lines : [...lines, cutToWidth(rest, columns)];
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
