import { painter } from '../table.ts';
import { type Block, readPage } from './read-page.ts';
import { renderTable } from './render-table.ts';
import { linkedTopics, type PaintPiece, paintLine, readWords, wrapWords } from './words.ts';

/** Longer lines are hard to read, however wide the terminal is. */
const MAX_WIDTH = 100;

/** A page of the documentation as text of at most `columns` columns; code and words that are longer are left whole. */
export function renderPage(name: string, page: string, columns: number, colour: boolean): string {
  const style = painter(colour);
  const paint: PaintPiece = ({ text, style: of }) => (of === 'plain' ? text : style(of === 'bold' ? 'bold' : 'cyan', text));
  const width = Math.max(20, Math.min(columns, MAX_WIDTH));
  const lines = renderBlocks(readPage(page), width, paint, (text) => style('bold', text));
  const others = linkedTopics(page).filter((topic) => topic !== name);
  const more = wrapWords(readWords(`See also: errand help ${others.join(', ')}`), width).map(
    (line) => paintLine(line, paint).text,
  );
  return `${[...lines, ...(others.length > 0 ? ['', ...more] : [])].join('\n')}\n`;
}

function renderBlocks(blocks: readonly Block[], width: number, paint: PaintPiece, bold: (text: string) => string): string[] {
  const lines: string[] = [];
  for (const [at, block] of blocks.entries()) {
    const before = blocks[at - 1];
    const isList = block.kind === 'item' && before?.kind === 'item';
    if (before && !isList) lines.push('');
    lines.push(...renderBlock(block, width, paint, bold));
  }
  return lines;
}

function renderBlock(block: Block, width: number, paint: PaintPiece, bold: (text: string) => string): string[] {
  switch (block.kind) {
    case 'heading': {
      const { text, width: length } = paintLine(readWords(block.text), ({ text: plain }) => plain);
      return block.level > 2 ? [bold(text)] : [bold(text), (block.level === 1 ? '=' : '-').repeat(Math.min(length, width))];
    }
    case 'paragraph':
      return wrapWords(readWords(block.text), width).map((line) => paintLine(line, paint).text);
    case 'code':
      return block.lines.map((line) => (line === '' ? '' : `    ${line}`));
    case 'item':
      return indent(renderBlocks(block.blocks, width - block.mark.length - 1, paint, bold), `${block.mark} `);
    case 'quote':
      return renderBlocks(block.blocks, width - 2, paint, bold).map((line) => `| ${line}`.trimEnd());
    case 'table':
      return renderTable(block.header, block.rows, width, paint);
  }
}

function indent(lines: readonly string[], mark: string): string[] {
  return lines.map((line, at) => (line === '' ? '' : `${at === 0 ? mark : ' '.repeat(mark.length)}${line}`));
}
