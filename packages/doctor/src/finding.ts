/**
 * How bad a finding is: `ok` says what was seen to work, `note` is worth knowing, `warning` costs something, and with a
 * `fault` something does not work.
 */
export type FindingState = 'ok' | 'note' | 'warning' | 'fault';

/** What a check tells of one thing that it looked at. */
export interface Finding {
  /** Name of the check, kebab-case. */
  check: string;
  state: FindingState;
  /** What was seen, one line without a full stop. */
  what: string;
  /** Why that matters, or how it came about; null where `what` says it all. */
  why: string | null;
  /** What to do, a sentence in the imperative; null where there is nothing to do. */
  remedy: string | null;
  /** The shell line that does it, where there is one; where the remedy says so it is for the server. */
  command: string | null;
  /** Whether `--fix` repairs it. */
  fixable: boolean;
  fixed: boolean;
  /** What `--fix` did, or why it could not. */
  did: string | null;
}

/** How a repair ended: with what it did, or with why it could not. */
export type Repaired = { ok: true; did: string } | { ok: false; why: string };

/** A finding as a check hands it in. */
export interface Found {
  state: FindingState;
  what: string;
  why?: string;
  remedy?: string;
  command?: string;
  /** Repairs it; run only with `--fix`, and only where that is safe without asking. */
  repair?(): Promise<Repaired>;
  /** It was repaired by looking at it, as every command would have done: what was done. */
  did?: string;
}

/** The finding of a check that saw nothing wrong. */
export function ok(what: string): Found[] {
  return [{ state: 'ok', what }];
}
