/**
 * What lies on this machine's disk and has a bound. `results`: could not be recorded, and are the only copy; `clones`: private clones
 * of queues that nobody looks at any more; `leftovers`: of processes that were killed.
 */
export type HoldingKind = 'workspaces' | 'logs' | 'transcripts' | 'repos' | 'clones' | 'results' | 'leftovers';

/** One thing that goes as a whole or stays. */
export interface Holding {
  kind: HoldingKind;
  /** Absolute. */
  path: string;
  /** Wall clock, milliseconds. */
  usedAtMs: number;
  /** Room on the disk, bytes; 0 where it could not be measured. */
  bytes: number;
  /** In use, or of something that is not recorded yet: stays, whatever its age. */
  needed: boolean;
  /** Of age already by the rules of its kind, whatever is configured. */
  overdue?: true;
  /** Deletes it, unless it has been used since it was listed; false where it stays. Never rejects. */
  remove(): Promise<boolean>;
}
