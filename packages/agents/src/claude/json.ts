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

/** The name of a model, a tool, a version, a limit, or an id: whatever is longer than that is none of these. */
export function asName(value: unknown): string | null {
  return typeof value === 'string' && value.length <= 100 ? value : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A sum of money; 0 where it is missing or makes no sense. */
export function asAmount(value: unknown): number {
  return Math.max(0, asNumber(value) ?? 0);
}

/** A whole number that is not negative and that records can hold; 0 where it is missing or makes no sense. */
export function asCount(value: unknown): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(asAmount(value)));
}

/**
 * The JSON of a value, with the keys of objects in order, piece by piece. Without recursion: what a stream holds may be nested
 * deeper than the stack is.
 */
export function* writePieces(value: unknown): Generator<string> {
  const open: { parent: object; keys: readonly string[] | null; at: number }[] = [];
  for (let next = value; ; ) {
    if (typeof next === 'object' && next !== null) {
      const keys = Array.isArray(next) ? null : Object.keys(next).sort();
      yield keys === null ? '[' : '{';
      open.push({ parent: next, keys, at: 0 });
    } else yield JSON.stringify(next) ?? 'null';
    let inner = open.at(-1);
    for (; inner !== undefined && inner.at === sizeOf(inner); inner = open.at(-1)) {
      yield inner.keys === null ? ']' : '}';
      open.pop();
    }
    if (inner === undefined) return;
    if (inner.at > 0) yield ',';
    const key = inner.keys?.[inner.at];
    if (key !== undefined) yield `${JSON.stringify(key)}:`;
    next = (inner.parent as { readonly [key: string | number]: unknown })[key ?? inner.at];
    inner.at++;
  }
}

function sizeOf({ parent, keys }: { parent: object; keys: readonly string[] | null }): number {
  return keys === null ? (parent as readonly unknown[]).length : keys.length;
}
