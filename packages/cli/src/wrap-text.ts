import { cutToWidth, displayWidth, takeWidth } from './text-width.ts';

/** How words become lines. */
export interface Filling<Word> {
  /** Columns of a line, and of the first one where that has more or less. */
  columns: number;
  firstColumns?: number;
  widthOf(word: Word): number;
  /** Parts a word that is wider than a line behind so many columns; without it such a word has a line of its own, whole. */
  part?(word: Word, columns: number): [Word, Word];
}

/** A word that is wider than a line begins on the line before only where this much of it is free. */
const WORTH_FILLING = 2 / 3;

/** Words as lines, each filled with as many as fit beside each other with a space between them. */
export function fillLines<Word>(words: readonly Word[], filling: Filling<Word>): Word[][] {
  const { columns, firstColumns = columns, widthOf, part } = filling;
  const lines: Word[][] = [];
  let line: Word[] = [];
  let left = firstColumns;
  const next = (): void => {
    lines.push(line);
    line = [];
    left = columns;
  };
  for (const word of words) {
    let rest = word;
    for (;;) {
      const width = widthOf(rest);
      const room = left - (line.length === 0 ? 0 : 1);
      if (width <= room || (line.length === 0 && width > columns && !part)) {
        line.push(rest);
        left = room - width;
        break;
      }
      if (part && width > columns && (line.length === 0 || room >= columns * WORTH_FILLING)) {
        const [head, tail] = part(rest, room);
        line.push(head);
        rest = tail;
      }
      next();
    }
  }
  if (line.length > 0) lines.push(line);
  return lines;
}

export interface Wrapping {
  /** Stands before the first line, and counts. */
  first?: string;
  /** Stands before every other line; default: what stands before the first one. */
  next?: string;
  /** The last of so many lines is cut. */
  maxLines?: number;
  /** A word that is wider than a line stays whole, to be copied, instead of going on in the next one. */
  keepWords?: boolean;
}

/** Text in lines of at most so many columns of a terminal, broken between words where that is possible; no line for no text. */
export function wrapText(text: string, columns: number, wrapping: Wrapping = {}): string[] {
  const { first = '', next = first, maxLines = Number.POSITIVE_INFINITY, keepWords = false } = wrapping;
  // Every letter fits.
  const roomOf = (before: string): number => Math.max(2, columns - displayWidth(before));
  // More than that is not shown, however long the text is.
  const shown = takeWidth(text, maxLines * (columns + 1) + 1);
  const filled = fillLines(shown.split(' ').filter(Boolean), {
    columns: roomOf(next),
    firstColumns: roomOf(first),
    widthOf: displayWidth,
    ...(!keepWords && { part: partWord }),
  }).map((line) => line.join(' '));
  const isCut = filled.length > maxLines;
  const last = cutToWidth(filled.slice(maxLines - 1).join(' '), roomOf(maxLines === 1 ? first : next));
  const lines = isCut ? [...filled.slice(0, maxLines - 1), last] : filled;
  return lines.map((line, at) => `${at === 0 ? first : next}${line}`);
}

function partWord(word: string, columns: number): [string, string] {
  const head = takeWidth(word, columns);
  return [head, word.slice(head.length)];
}
