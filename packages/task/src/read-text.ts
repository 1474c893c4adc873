import { Buffer, isUtf8 } from 'node:buffer';
import type { Parsed, Problem } from './problem.ts';

/** The largest task file, in bytes. */
const MAX_TASK_BYTES = 256 * 1024;

/** The text of a file as it stands there, byte order mark included, or what keeps it from being text. */
export function readText(path: string, content: Uint8Array): Parsed<string> {
  const refuse = (offset: number, code: string, message: string, hint: string): Parsed<string> => ({
    ok: false,
    problems: [{ path, ...placeOf(content, offset), code, message, hint }],
  });
  if (content.byteLength > MAX_TASK_BYTES) {
    const message = `this file has ${Math.ceil(content.byteLength / 1024)} KiB; a task may have ${MAX_TASK_BYTES / 1024}`;
    return refuse(0, 'too-large', message, 'Put the material into a repository or a file, and name it in the prompt.');
  }
  if (!isUtf8(content)) {
    return refuse(firstBadByte(content), 'not-utf8', 'this is not UTF-8 text', 'Save the file as UTF-8.');
  }
  const nul = content.indexOf(0);
  if (nul >= 0) return refuse(nul, 'nul-byte', 'there is a NUL character here', 'Remove it: a task is plain text.');
  return { ok: true, value: Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8') };
}

/** Where a merge was left half done, or null. A single line of `<<<<<<<` is text like any other. */
export function findConflict(path: string, text: string): Problem | null {
  if (!text.includes('<<<<<<<')) return null;
  const start = lineMatching(text, /(?<![^\n])<{7}(?: [^\n]*)?\r?(?![^\n])/g, 0);
  const middle = start < 0 ? -1 : lineMatching(text, /(?<![^\n])={7}\r?(?![^\n])/g, start);
  if (middle < 0 || lineMatching(text, /(?<![^\n])>{7}(?: [^\n]*)?\r?(?![^\n])/g, middle) < 0) return null;
  const line = text.slice(0, start).split('\n').length;
  const hint = 'Settle the conflict in this file, then commit it. If the markers are part of the prompt, indent them.';
  return { path, line, column: 1, code: 'conflict-markers', message: 'a merge conflict was committed here', hint };
}

function lineMatching(text: string, line: RegExp, from: number): number {
  line.lastIndex = from;
  return line.exec(text)?.index ?? -1;
}

/** Decoding replaces what is no UTF-8: the first byte that does not survive is the one. */
function firstBadByte(content: Uint8Array): number {
  const survived = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(content), 'utf8');
  return Math.max(
    0,
    content.findIndex((byte, index) => byte !== survived[index]),
  );
}

function placeOf(content: Uint8Array, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let at = content.indexOf(10); at >= 0 && at < offset; at = content.indexOf(10, at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
