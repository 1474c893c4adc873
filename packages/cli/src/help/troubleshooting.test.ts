import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DOCS } from '../docs-folder.ts';
import { readPage } from './read-page.ts';

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));
/** Shorter pieces of a message are found anywhere. */
const TELLING_CHARS = 7;
/** What git, ssh and systemd say, and what people type. */
const FOREIGN =
  /^(?:errand show ID|denying non-fast-forward|deletion prohibited|! \[rejected\]|Could not|Connection|timed out|Permission|Host key|Authentication|does not appear|detected dubious|Unable to create|cannot lock ref|Failed to connect|activating|command not found|errand: command|No space|errand service status)/;

/** The code of every package, without backslashes and backticks, which stand differently in the page. */
function readCode(): string {
  const files = readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((path) => /\/src\/.*\.ts$/.test(path) && !/\.test\.ts$|\/rig\/|node_modules/.test(path));
  const scripts = readFileSync(join(PACKAGES, '../scripts/prepare'), 'utf8');
  return [scripts, ...sources.map((path) => readFileSync(join(PACKAGES, path), 'utf8'))].map(flatten).join('\n');
}

function flatten(text: string): string {
  return text.replace(/[\\`]/g, '').replace(/\s+/g, ' ');
}

/** Messages in headings, in first columns, and at the start of paragraphs: what somebody would search the page for. */
function quotedMessages(page: string): string[] {
  const places = readPage(page).flatMap((block) => {
    if (block.kind === 'heading' || block.kind === 'paragraph') return [/^(?:`` ?.*? ?``|`[^`]*`)/.exec(block.text)?.[0] ?? ''];
    if (block.kind === 'table' && !block.header.includes('git says')) return block.rows.map((row) => row[0] ?? '');
    return [];
  });
  const spans = places.flatMap((place) => [...place.matchAll(/(``?) ?(.+?) ?\1(?!`)/g)].map(([, , span]) => span ?? ''));
  return spans.filter((span) => span.includes(' ') && !FOREIGN.test(span));
}

test('every message that troubleshooting explains is one that the code says', () => {
  const code = readCode();
  const messages = quotedMessages(readFileSync(join(DOCS, 'troubleshooting.md'), 'utf8'));
  const unknown = messages.flatMap((message) => {
    const pieces = flatten(message)
      .split('…')
      .map((piece) => piece.trim());
    return pieces
      .filter((piece) => piece.length >= TELLING_CHARS && !code.includes(piece))
      .map((piece) => `${message}: ${piece}`);
  });
  expect(messages.length).toBeGreaterThan(20);
  expect(unknown).toEqual([]);
});
