import type { Io } from './command.ts';

/** What a terminal obeys, or what turns text around, but for the newlines between the lines of JSON. */
const STEERING = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * JSON that means the same and steers no terminal. JSON itself has every control character below a space escaped within its
 * texts; between them tabs and carriage returns may stand for themselves.
 */
export function escapeControls(json: string): string {
  return json.replace(/[\t\r]/g, ' ').replace(STEERING, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same world, for a command whose answer is JSON: whatever text of others is in it, and whichever command it is. */
export function answerInJson(io: Io): Io {
  return {
    ...io,
    out: (text) => io.out(typeof text === 'string' ? escapeControls(text) : text),
    outOrNote: (text) => io.outOrNote(escapeControls(text)),
    get columns() {
      return io.columns;
    },
    get rows() {
      return io.rows;
    },
  };
}
