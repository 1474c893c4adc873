import { type PaintPiece, paintLine, readWords, type Word, wordWidth, wrapWords } from './words.ts';

const GAP = 2;
/** Narrower than this a column of prose cannot be read. */
const READABLE = 20;

/** A table as lines of at most `width` columns: side by side where there is room, else one row below the other. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: PaintPiece,
): string[] {
  const cells = [header, ...rows].map((row) => header.map((_, at) => readWords(row[at] ?? '')));
  const widths = shareWidth(cells, width);
  if (widths === null) return rows.flatMap((row) => renderRow(header, row, width, paint));
  const isBare = header.every((cell) => cell === '');
  const lines = cells.slice(isBare ? 1 : 0).map((row) => renderBeside(row, widths, paint));
  if (isBare) return lines.flat();
  return [...(lines[0] ?? []), widths.map((one) => '-'.repeat(one)).join(' '.repeat(GAP)), ...lines.slice(1).flat()];
}

/** How wide each column becomes, or null where they do not fit beside each other. */
function shareWidth(cells: readonly (readonly Word[][])[], width: number): number[] | null {
  const columns = cells[0]?.length ?? 0;
  const natural = Array.from({ length: columns }, (_, at) => Math.max(1, ...cells.map((row) => textWidth(row[at] ?? []))));
  const longest = Array.from({ length: columns }, (_, at) =>
    Math.max(1, ...cells.flatMap((row) => (row[at] ?? []).map(wordWidth))),
  );
  const room = width - GAP * (columns - 1);
  // What is short keeps its width, and what is long shares the rest.
  const widths = [...natural];
  let open = natural.map((_, at) => at);
  for (let left = room; open.length > 0; ) {
    const fair = Math.floor(left / open.length);
    const short = open.filter((at) => (natural[at] ?? 0) <= fair);
    if (short.length === 0) {
      for (const at of open) widths[at] = fair;
      break;
    }
    left -= short.reduce((sum, at) => sum + (natural[at] ?? 0), 0);
    open = open.filter((at) => !short.includes(at));
  }
  const isReadable = widths.every((one, at) => one >= Math.min(natural[at] ?? 0, Math.max(READABLE, longest[at] ?? 0)));
  return isReadable ? widths : null;
}

function textWidth(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + wordWidth(word), Math.max(0, words.length - 1));
}

function renderBeside(row: readonly Word[][], widths: readonly number[], paint: PaintPiece): string[] {
  const wrapped = row.map((words, at) => wrapWords(words, widths[at] ?? 1));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    wrapped
      .map((lines, at) => {
        const { text, width } = paintLine(lines[y] ?? [], paint);
        return `${text}${' '.repeat(Math.max(0, (widths[at] ?? 0) - width))}`;
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** The first cell, and below it what the others say; with two columns it is plain what that is. */
function renderRow(header: readonly string[], row: readonly string[], width: number, paint: PaintPiece): string[] {
  const below = row.slice(1).flatMap((cell, at) => {
    const name = header[at + 1] ?? '';
    if (cell === '') return [];
    return wrapWords(readWords(header.length > 2 && name !== '' ? `${name}: ${cell}` : cell), width - 4);
  });
  return [
    ...wrapWords(readWords(row[0] ?? ''), width).map((line) => paintLine(line, paint).text),
    ...below.map((line) => `    ${paintLine(line, paint).text}`),
  ];
}
