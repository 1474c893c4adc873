/** A part of a page. Text is still with its marks: links, code, emphasis. */
export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'code'; lines: string[] }
  | { kind: 'item'; mark: string; blocks: Block[] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'table'; header: string[]; rows: string[][] };

const HEADING = /^(#{1,6}) +(.*?) *#*$/;
const FENCE = /^(`{3,}|~{3,})/;
const ITEM = /^([-*+]|\d{1,3}[.)]) +/;
const RULE = /^\|? *:?-+:? *(\| *:?-+:? *)*\|?$/;

/**
 * The parts of a page in Markdown, as this project writes it: headings with `#`, fenced code, lists, quotes and tables. Front
 * matter and comments in HTML are left out.
 */
export function readPage(text: string): Block[] {
  return readBlocks(text.replace(/<!--[\s\S]*?-->\n?/g, '').split('\n'));
}

function readBlocks(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (line.trim() === '') at++;
    else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' });
      at++;
    } else if (FENCE.test(line)) {
      const end = endOfFence(lines, at);
      blocks.push({ kind: 'code', lines: lines.slice(at + 1, end) });
      at = end + 1;
    } else if (line.startsWith('>')) {
      const end = endOf(lines, at, (next) => next.startsWith('>'));
      blocks.push({ kind: 'quote', blocks: readBlocks(lines.slice(at, end).map((quoted) => quoted.replace(/^> ?/, ''))) });
      at = end;
    } else if (item) {
      const end = endOfItem(lines, at, item[0].length);
      const inner = [line.slice(item[0].length), ...lines.slice(at + 1, end).map((more) => dedent(more, item[0].length))];
      blocks.push({ kind: 'item', mark: item[1] ?? '-', blocks: readBlocks(inner) });
      at = end;
    } else if (line.startsWith('|') && RULE.test(lines[at + 1] ?? '')) {
      const end = endOf(lines, at, (next) => next.startsWith('|'));
      const rows = lines.slice(at + 2, end).map(readCells);
      blocks.push({ kind: 'table', header: readCells(line), rows });
      at = end;
    } else {
      const end = endOf(lines, at + 1, (next) => next.trim() !== '' && !startsBlock(next));
      blocks.push({ kind: 'paragraph', text: lines.slice(at, end).join(' ') });
      at = end;
    }
  }
  return blocks;
}

function startsBlock(line: string): boolean {
  return HEADING.test(line) || FENCE.test(line) || ITEM.test(line) || line.startsWith('>') || line.startsWith('|');
}

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  const end = lines.findIndex((line, at) => at >= from && !goesOn(line));
  return end < 0 ? lines.length : end;
}

function endOfFence(lines: readonly string[], at: number): number {
  const fence = FENCE.exec(lines[at] ?? '')?.[1] ?? '```';
  return endOf(lines, at + 1, (line) => !line.startsWith(fence));
}

/** What is indented belongs to the item, also after an empty line; a line that is not goes on with it where nothing else begins. */
function endOfItem(lines: readonly string[], at: number, indent: number): number {
  const isIndented = (line: string) => line.startsWith(' '.repeat(Math.min(indent, 2)));
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next] ?? '';
    const isEmpty = line.trim() === '';
    if (isEmpty && !isIndented(lines[next + 1] ?? '')) return next;
    if (!isEmpty && !isIndented(line) && (startsBlock(line) || (lines[next - 1] ?? '').trim() === '')) return next;
  }
  return lines.length;
}

function dedent(line: string, by: number): string {
  return line.slice(Math.min(by, line.length - line.trimStart().length));
}

/** Cells are parted by bars that stand neither in code nor behind a backslash. */
function readCells(line: string): string[] {
  const inner = line.trim().replace(/^\||\|$/g, '');
  const cells = [''];
  let inCode = false;
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at] ?? '';
    if (char === '`') inCode = !inCode;
    if (char === '\\' && inner[at + 1] === '|') {
      cells[cells.length - 1] += '|';
      at++;
    } else if (char === '|' && !inCode) cells.push('');
    else cells[cells.length - 1] += char;
  }
  return cells.map((cell) => cell.trim());
}
