/**
 * What lies on this machine's disk and has a bound. `undelivered`: folders with commits that no remote has taken, and `results`: could
 * not be recorded; both are the only copy. `clones`: private clones of queues that nobody looks at any more; `leftovers`: of processes
 * that were killed, and what could not be deleted.
 */
export type HoldingKind = 'workspaces' | 'undelivered' | 'logs' | 'transcripts' | 'repos' | 'clones' | 'results' | 'leftovers';

/** What exists nowhere else. */
export const ONLY_COPIES: ReadonlySet<HoldingKind> = new Set(['undelivered', 'results']);

/** One thing that goes as a whole or stays. */
export interface Holding {
  kind: HoldingKind;
  /** Absolute. */
  path: string;
  /** Wall clock, milliseconds. */
  usedAtMs: number;
  /** Goes at this age, milliseconds. */
  limitMs: number;
  /** For how long it is known to have been as it is, milliseconds; 0 until `LivedTime` says so. */
  ageMs: number;
  /** Room on the disk, bytes; 0 where it could not be measured. */
  bytes: number;
  /** In use, of something that is not recorded yet, or not to be deleted: stays, whatever its age. */
  needed: boolean;
  /** Deletes it, unless it has been used since it was listed; false where it stays. Never rejects. */
  remove(): Promise<boolean>;
}
