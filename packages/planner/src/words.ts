/** An id or name as it stands in a sentence. */
export function quote(name: string): string {
  return `\`${name}\``;
}

/** Names as they stand in a sentence: `a`, `b` and `c`. */
export function quoteAll(names: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  return joinClauses(names.map(quote), conjunction);
}

/** Clauses as one: a, b and c. */
export function joinClauses(clauses: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  const last = clauses.at(-1) ?? '';
  return clauses.length < 2 ? last : `${clauses.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** Wall clock milliseconds as `2026-11-21 09:00 UTC`; a time that no calendar holds is `further notice`. */
export function spellTime(wallMs: number): string {
  const date = new Date(wallMs);
  if (Number.isNaN(date.getTime())) return 'further notice';
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Milliseconds as people say them: `40 s`, `12 min`, `3 h`, `2 days`; always rounded up. */
export function spellSpan(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.ceil(seconds / 3600)} h`;
  return `${Math.ceil(seconds / 86_400)} days`;
}
