const MAX_TITLE_CHARS = 72;

/** The title of a task that gives none: the first line of its prompt that has text, without Markdown's `#`. */
export function titleOf(prompt: string): string {
  const line = /\S[^\n]*/.exec(prompt)?.[0] ?? '';
  return shorten(line.replace(/^#{1,6}\s+/, ''), MAX_TITLE_CHARS);
}

/** Text on one line, without control characters, at most so many characters with `…` where it was cut. */
export function shorten(text: string, maxChars: number): string {
  // A prompt may be one line of 256 KiB: look at no more than can matter.
  const line = text
    .slice(0, maxChars * 8)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Cs}]/gu, '')
    .trim();
  const chars = Array.from(line);
  if (chars.length <= maxChars && text.length <= maxChars * 8) return line;
  return `${chars
    .slice(0, maxChars - 1)
    .join('')
    .trimEnd()}…`;
}
