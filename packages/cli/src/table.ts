import { styleText } from 'node:util';
import { plainText } from './plain-text.ts';
import { cutToWidth, displayWidth, padToWidth } from './text-width.ts';

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
  /** It is there to be copied: where entries have no room for it, it has lines of its own instead of an end that is cut. */
  whole?: true;
}

/** The columns that tables and reports may take: all of the terminal, and without one as many as they like. */
export function availableColumns({ terminal, columns }: { terminal: boolean; columns: number }): number {
  return terminal ? columns : Number.POSITIVE_INFINITY;
}

/**
 * Rows in columns that fit so many columns of a terminal: the last one takes what is left and is cut with `…`, and every other
 * one is as wide as its widest cell, up to `limit`. Without a limit of columns nothing is cut.
 */
export function renderTable(rows: readonly (readonly Cell[])[], columns: number, limit = 28): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const most = columns === Number.POSITIVE_INFINITY ? columns : limit;
  const widths = Array.from({ length: count }, (_, i) =>
    Math.min(
      most,
      rows.reduce((widest, row) => Math.max(widest, displayWidth(oneLine(row[i]?.text ?? ''))), 0),
    ),
  );
  const lines = rows.map((row) => {
    let used = 2;
    const cells = row.map(({ text, paint = (same) => same }, i) => {
      const isLast = i === row.length - 1;
      const room = isLast ? Math.max(8, columns - used) : (widths[i] ?? 0);
      used += room + 2;
      const cut = cutToWidth(oneLine(text), room);
      return `${paint(cut)}${isLast ? '' : padToWidth(cut, room).slice(cut.length)}`;
    });
    return `  ${cells.join('  ')}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Text of others in one line: it must not move the cursor either. */
export function oneLine(text: string): string {
  return plainText(text)
    .replace(/(?:(?!\u200d)[\p{Cc}\p{Cf}\s])+/gu, ' ')
    .trim();
}
