import { posix } from 'node:path';
import { displayWidth } from '../text-width.ts';
import { fillLines } from '../wrap-text.ts';
import { isTopic } from './topics.ts';

/** A stretch of text in one style. */
interface Piece {
  text: string;
  style: 'plain' | 'bold' | 'code';
}

/** What is not broken over two lines: pieces without a space between them. */
export type Word = readonly Piece[];

/** Paints a piece; without colours it leaves it as it is. */
export type PaintPiece = (piece: Piece) => string;

const MARKS = /(`+)(.+?)\1|\*\*(.+?)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** The words of a text with its marks read: code, strong, emphasis, links. */
export function readWords(text: string): Word[] {
  return splitAtSpaces(readPieces(text, 'plain'));
}

function readPieces(text: string, style: Piece['style']): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(MARKS)) {
    const [whole, , code, strong, emphasis, label, target] = match;
    pieces.push({ text: text.slice(done, match.index), style });
    if (code !== undefined) pieces.push({ text: `\`${code}\``, style: 'code' });
    else if (strong !== undefined) pieces.push(...readPieces(strong, 'bold'));
    else if (emphasis !== undefined) pieces.push(...readPieces(emphasis, style));
    else pieces.push(...readPieces(label ?? '', style), { text: nameTarget(label ?? '', target ?? ''), style: 'plain' });
    done = match.index + whole.length;
  }
  pieces.push({ text: text.slice(done), style });
  return pieces.filter((piece) => piece.text !== '');
}

/** Where a link leads, in words that someone at a terminal can use. Pages that are topics are listed at the end instead. */
function nameTarget(label: string, target: string): string {
  if (/^[a-z]+:/.test(target)) return label === target ? '' : ` (${target})`;
  if (target.startsWith('#') || isTopic(topicOf(target) ?? '')) return '';
  const path = posix.join('docs', target.replace(/#.*$/, ''));
  return label.replaceAll('`', '') === path ? '' : ` (${path})`;
}

function topicOf(target: string): string | null {
  return /^([a-z]+)\.md(#|$)/.exec(target)?.[1] ?? null;
}

/** The topics that a page leads to, each once. */
export function linkedTopics(page: string): string[] {
  const targets = [...page.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => topicOf(target ?? '') ?? []);
  return [...new Set(targets)].filter(isTopic);
}

function splitAtSpaces(pieces: readonly Piece[]): Word[] {
  const words: Piece[][] = [[]];
  for (const { text, style } of pieces) {
    for (const [at, part] of text.split(/\s+/).entries()) {
      if (at > 0) words.push([]);
      if (part !== '') words.at(-1)?.push({ text: part, style });
    }
  }
  return words.filter((word) => word.length > 0);
}

/** Columns that a word takes. */
export function wordWidth(word: Word): number {
  return word.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

/** Lines of at most `columns` columns; a word that is longer has a line of its own. */
export function wrapWords(words: readonly Word[], columns: number): Word[][] {
  return fillLines(words, { columns, widthOf: wordWidth });
}

/** A line as text, and the columns that it takes. */
export function paintLine(line: readonly Word[], paint: PaintPiece): { text: string; width: number } {
  const width = line.reduce((sum, word) => sum + wordWidth(word), Math.max(0, line.length - 1));
  return { text: line.map((word) => word.map(paint).join('')).join(' '), width };
}
