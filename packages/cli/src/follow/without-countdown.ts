/** Text that is equal where only a time that is left differs: `again in 40 s` and `again in 39 s`. */
export function withoutCountdown(text: string): string {
  return text.replace(/\bin \d+ (?:s|min|h|days)\b/g, 'later');
}
