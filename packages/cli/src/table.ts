import { styleText } from 'node:util';

export type Paint = (text: string) => string;
type Style = Parameters<typeof styleText>[0];

/** Colours text, or leaves it alone. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** A cell: its text, and how it is shown once it has its width. */
export interface Cell {
  text: string;
  paint?: Paint;
}

/**
 * Rows in columns that fit the terminal: the last column takes what is left and is cut with `…`, and every other one is
 * as wide as its widest cell, up to `limit`.
 */
export function renderTable(rows: readonly (readonly Cell[])[], columns: number, limit = 28): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) =>
    Math.min(limit, Math.max(0, ...rows.map((row) => width(row[i]?.text ?? '')))),
  );
  const lines = rows.map((row) => {
    let used = 2;
    const cells = row.map(({ text, paint = (same) => same }, i) => {
      const isLast = i === row.length - 1;
      const room = isLast ? Math.max(8, columns - used) : (widths[i] ?? 0);
      used += room + 2;
      const cut = cutTo(oneLine(text), room);
      return `${paint(cut)}${isLast ? '' : ' '.repeat(room - width(cut))}`;
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Text of others must not move the cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

function cutTo(text: string, room: number): string {
  const chars = [...text];
  return chars.length <= room ? text : `${chars.slice(0, Math.max(0, room - 1)).join('')}…`;
}

function width(text: string): number {
  return [...text].length;
}
