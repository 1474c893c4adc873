const ESCAPE = '[\\u001b\\u009b]';
/** Colours, cursor movements, and window titles or links (up to their end, or the next escape). */
const TERMINAL_SEQUENCE = new RegExp(
  `\\u001b\\][^\\u0007\\u001b\\n]*(?:\\u0007|\\u001b\\\\)?|${ESCAPE}\\[?[0-?]*[ -/]*[@-~]`,
  'g',
);
/** Joiners hold emoji and some scripts together; every other format character hides, reorders or marks. */
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}|\p{Cs}|[\u2800\u3164\uffa0]/gu;
const LINE_BREAK = /\r\n?|[\u0085\u2028\u2029\v\f]/g;
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/**
 * Text that shows as what it is: without terminal sequences, control characters, bidirectional overrides and invisible
 * characters; lines end with a line feed, and never more than one empty line follows another.
 */
export function safeText(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, '')
    .replace(LINE_BREAK, '\n')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safeText(text).replace(/\s+/gu, ' ');
}
