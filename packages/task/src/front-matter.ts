import type { Problem } from './problem.ts';

/**
 * A file cut in two. Every character of the text is in `head`, `yaml`, `fence` or `body`, in this order,
 * so that a machine can edit one and put the rest back unchanged.
 */
export type FrontMatter =
  | { kind: 'none'; body: string }
  /** The first line is `---` and no line ends it. */
  | { kind: 'unclosed' }
  | {
      kind: 'closed';
      /** The opening `---` line, a byte order mark before it included. */
      head: string;
      /** What stands between; starts on line 2 of the file. */
      yaml: string;
      /** The closing `---` line. */
      fence: string;
      body: string;
      /** The line on which the body starts; where nothing follows the fence, the fence's own. */
      bodyLine: number;
    };

/** The problem of a file that is `unclosed`. */
export function describeUnclosed(path: string): Problem {
  const message = 'the first line is `---`, and no line `---` ends the front matter';
  const hint = 'Add a line `---` after the keys; if it is meant as a rule in the text, put an empty line before it.';
  return { path, line: 1, column: 1, code: 'front-matter-not-closed', message, hint };
}

const OPENING = /^\uFEFF?---[ \t]*(?:\r?\n|$)/;
/** A whole line, and lines end with `\n` alone: `^` and `$` would also take a lone `\r` or U+2028 for an end. */
const CLOSING = /(?<![^\n])---[ \t]*\r?(?![^\n])/;

/** Cuts a file at its front matter. */
export function splitFrontMatter(text: string): FrontMatter {
  const head = OPENING.exec(text)?.[0];
  if (head === undefined) return { kind: 'none', body: text.startsWith('\uFEFF') ? text.slice(1) : text };
  const rest = text.slice(head.length);
  const closing = CLOSING.exec(rest);
  if (closing === null) return { kind: 'unclosed' };
  const lineEnd = rest.indexOf('\n', closing.index);
  const bodyStart = lineEnd < 0 ? rest.length : lineEnd + 1;
  const yaml = rest.slice(0, closing.index);
  return {
    kind: 'closed',
    head,
    yaml,
    fence: rest.slice(closing.index, bodyStart),
    body: rest.slice(bodyStart),
    bodyLine: yaml.split('\n').length + (lineEnd < 0 ? 1 : 2),
  };
}
