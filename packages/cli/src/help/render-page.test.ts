import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DOCS } from '../docs-folder.ts';
import { renderPage } from './render-page.ts';
import { TOPICS } from './topics.ts';

const show = (text: string, columns = 40, colour = false) => renderPage('page', text, columns, colour).trimEnd().split('\n');

test('headings, paragraphs and lists are wrapped, and code is left as it is', () => {
  const page = [
    '# A page',
    '',
    'Some **words** that go on and on, over more',
    'than one line.',
    '',
    '1. first, with code:',
    '',
    '   ```sh',
    '   errand delegate pi "a line that is rather long"',
    '   ```',
    '2. second',
  ];
  expect(show(page.join('\n'))).toEqual([
    'A page',
    '======',
    '',
    'Some words that go on and on, over more',
    'than one line.',
    '',
    '1. first, with code:',
    '',
    '       errand delegate pi "a line that is rather long"',
    '2. second',
  ]);
});

test('a table stands side by side where there is room, and one row below the other where there is none', () => {
  const table = '| key | means |\n|---|---|\n| `slots` | how many attempts run at once, one `a\\|b` |';
  expect(show(table, 80)).toEqual([
    'key      means',
    '-------  ----------------------------------------',
    '`slots`  how many attempts run at once, one `a|b`',
  ]);
  expect(show(table, 20)).toEqual(['`slots`', '    how many', '    attempts run at', '    once, one `a|b`']);
});

test('letters that take two columns are counted so, in prose and in tables', () => {
  expect(show(`${'漢字 '.repeat(9)}`, 20)).toEqual(['漢字 漢字 漢字 漢字', '漢字 漢字 漢字 漢字', '漢字']);
  expect(show('| a | b |\n|---|---|\n| 漢字 | x |', 20)).toEqual(['a     b', '----  -', '漢字  x']);
});

test('links to topics are gathered at the end, other pages and addresses are named', () => {
  const page = 'See [files](files.md#a-task), [the tenets](tenets.md) and [ntfy](https://ntfy.sh).';
  expect(show(page, 100)).toEqual([
    'See files, the tenets (docs/tenets.md) and ntfy (https://ntfy.sh).',
    '',
    'See also: errand help files',
  ]);
});

test('there are colours only where they are wanted', () => {
  expect(show('# A\n\n`code`', 40, true).join('')).toContain('\u001b[36m`code`\u001b[39m');
  expect(show('# A\n\n`code`').join('')).not.toContain('\u001b');
});

describe.each(TOPICS.map(({ name }) => name))('the page %s', (name) => {
  test('is there, fits 80 columns but for code and long words, and has no marks of Markdown left', () => {
    const lines = renderPage(name, readFileSync(`${DOCS}/${name}.md`, 'utf8'), 80, false).split('\n');
    const prose = lines.filter((line) => !/^\s*(\d+\. |- |\| )? {4}/.test(line));
    expect(prose.filter((line) => [...line].length > 80 && /\S\s+\S.*\s\S/.test(line.slice(0, 80)))).toEqual([]);
    expect(prose.join('\n').replace(/`[^`]*`/g, '')).not.toMatch(/\*\*|\]\(|^#|^```|^\|[ -]*\|/m);
  });
});
