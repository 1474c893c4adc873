import type { AttemptEntry } from './outcome.ts';

/** What attempts cost together, US dollars, and whether a part of it is estimated; null where none of them says. */
export function sumCosts(attempts: readonly AttemptEntry[]): { usd: number; estimated: boolean } | null {
  const known = attempts.filter(({ cost_usd }) => cost_usd !== undefined);
  if (known.length === 0) return null;
  const usd = known.reduce((sum, { cost_usd = 0 }) => sum + cost_usd, 0);
  return { usd, estimated: known.some(({ cost_estimated }) => cost_estimated === true) };
}

/** A cost for people: `$0.04`, `~$0.04` where it is estimated, `<$0.01` below half a cent. */
export function formatCost({ usd, estimated }: { usd: number; estimated: boolean }): string {
  if (usd > 0 && usd < 0.005) return '<$0.01';
  return `${estimated ? '~' : ''}$${usd.toFixed(2)}`;
}
