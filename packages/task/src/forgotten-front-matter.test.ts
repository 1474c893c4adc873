import { expect, test } from 'vitest';
import { looksLikeFrontMatter } from './forgotten-front-matter.ts';

test.each(['machine: pi\n\nuptime', '\uFEFFhold: true\r\nuptime', '\n\nneeds:\n  - gpu\n', 'title: fix it'])(
  '%j looks like front matter without its fences',
  (text) => expect(looksLikeFrontMatter(text)).toBe(true),
);

test.each([
  '---\nmachine: pi\n---\nuptime',
  'uptime',
  'echo hello\nmachine: pi',
  'note: the build is slow',
  'constructor: what is it?',
  'repo:site is broken',
  'Machine: pi is slow today',
  '',
])('%j does not', (text) => expect(looksLikeFrontMatter(text)).toBe(false));
