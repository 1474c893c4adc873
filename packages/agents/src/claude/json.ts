/** Reading JSON of unknown shape: what is missing or of another type is null, never an error. */

export type Json = { readonly [key: string]: unknown };

export function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function asObjects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== null) : [];
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A count or a sum of money; 0 where it is missing or makes no sense. */
export function asAmount(value: unknown): number {
  return Math.max(0, asNumber(value) ?? 0);
}
