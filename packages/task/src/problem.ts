/** A place in a file where something is wrong, with what to do about it. Lines and columns count from 1. */
export interface Problem {
  path: string;
  line: number;
  column: number;
  /** Stable, kebab-case; listed in docs/files.md. */
  code: string;
  message: string;
  /** The remedy, a sentence in the imperative. */
  hint?: string;
}

/** What reading a file gives: its value, or every problem found in it (never only the first). */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };
