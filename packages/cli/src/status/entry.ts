import type { Cell } from '../table.ts';
import { oneLine } from '../table.ts';
import { cutToWidth, displayWidth, padToWidth } from '../text-width.ts';
import { wrapText } from '../wrap-text.ts';

/** A thing with a name, and what is to be said of it. */
export interface Entry {
  /** State and name, and what else stands in columns. */
  cells: readonly Cell[];
  /** Clauses; empty ones are left out. */
  details: readonly string[];
}

/** A name takes at most so many columns where there is room for what is said of it, too. */
const MAX_CELL = 28;
const INDENT = '    ';
const BETWEEN = ' · ';

/**
 * Entries, one under the other, their cells in columns. What is said of one stands beside it where it fits, and else below it in
 * at most `maxLines` lines: of a wide terminal and of a phone's each gets what it can show. Returns lines without their ends.
 */
export function renderEntries(entries: readonly Entry[], columns: number, maxLines = 3): string[] {
  const most = columns === Number.POSITIVE_INFINITY ? columns : Math.min(MAX_CELL, Math.floor(columns / 2));
  const count = entries.reduce((widest, { cells }) => Math.max(widest, cells.length), 0);
  const widths = Array.from({ length: count }, (_, i) =>
    Math.min(
      most,
      entries.reduce((widest, { cells }) => Math.max(widest, displayWidth(oneLine(cells[i]?.text ?? ''))), 0),
    ),
  );
  const indent = 2 + widths.reduce((sum, width) => sum + width + 2, 0);
  return entries.flatMap((entry) => renderEntry(entry, widths, indent, columns, maxLines));
}

function renderEntry({ cells, details }: Entry, widths: readonly number[], indent: number, columns: number, maxLines: number) {
  const said = details
    .map(oneLine)
    .filter((text) => text !== '')
    .join(BETWEEN);
  const isCut = (rooms: readonly number[]): boolean =>
    cells.some(({ text, whole }, i) => whole && displayWidth(oneLine(text)) > (rooms[i] ?? 0));
  if (indent + displayWidth(said) <= columns && !isCut(widths)) return [`${renderCells(cells, widths)}  ${said}`.trimEnd()];
  const below = wrapText(said, Math.max(8 + INDENT.length, columns), { first: INDENT, maxLines }).map((line) =>
    line.replace(/ ·$/, ''),
  );
  const rooms = spreadCells(cells, widths, columns);
  return [...(isCut(rooms) ? stackCells(cells, columns) : [renderCells(cells, rooms).trimEnd()]), ...below];
}

/** What is not to be cut on lines of its own, below the others. */
function stackCells(cells: readonly Cell[], columns: number): string[] {
  const short = cells.filter(({ whole }) => !whole);
  const rooms = short.map(({ text }) => Math.min(displayWidth(oneLine(text)), columns - 2));
  const long = cells.flatMap(({ text, whole }) => {
    const first = displayWidth(oneLine(text)) + 2 <= columns ? '  ' : '';
    return whole ? wrapText(oneLine(text), columns, { first }) : [];
  });
  return [renderCells(short, rooms).trimEnd(), ...long];
}

function renderCells(cells: readonly Cell[], widths: readonly number[]): string {
  const shown = cells.map(({ text, paint = (same) => same }, i) => {
    const room = widths[i] ?? 0;
    const cut = cutToWidth(oneLine(text), room);
    return `${paint(cut)}${padToWidth(cut, room).slice(cut.length)}`;
  });
  return `  ${shown.join('  ')}`;
}

/** The widths of cells beside which nothing stands: in columns, and the last may take what is left; or, where that is too wide, the widest gets what the others do not need. */
function spreadCells(cells: readonly Cell[], widths: readonly number[], columns: number): number[] {
  const last = cells.length - 1;
  const used = 2 + widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  if (used + (widths[last] ?? 0) <= columns) return cells.map((_, i) => (i === last ? columns - used : (widths[i] ?? 0)));
  const needed = cells.map(({ text }) => displayWidth(oneLine(text)));
  const widest = needed.indexOf(Math.max(...needed));
  const others = needed.reduce((sum, width, i) => sum + 2 + (i === widest ? 0 : width), 0);
  return needed.map((width, i) => (i === widest ? Math.min(width, Math.max(4, columns - others)) : width));
}
