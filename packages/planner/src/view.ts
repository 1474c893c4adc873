import type { Heartbeat, KeyHold, Parsed, Record, Task } from '@errand/task';

/** What one successful fetch showed: the branch and every coordination ref, as plain data. */
export interface View {
  /** Grows by one with every successful fetch of this process. */
  seq: number;
  /** Elapsed milliseconds (suspend included, see `Clock`) when the fetch began: nothing in the view is older. */
  at: number;
  /** The same when the fetch had ended: nothing in the view is newer. */
  readAt: number;
  /** Commit at the branch's tip, or null where the branch does not exist yet. */
  tip: string | null;
  tasks: ReadonlyMap<string, TaskFile>;
  /** Every result on the branch by task id. */
  results: ReadonlyMap<string, ResultFile>;
  records: ReadonlyMap<string, Held<Record>>;
  workers: ReadonlyMap<string, Held<Heartbeat>>;
  /** By the hash that names the ref. */
  keys: ReadonlyMap<string, Held<KeyHold>>;
  /** Refs whose body this version cannot read, by full name, with the reason. One of a newer version (`newer`) nobody touches. */
  unreadable: ReadonlyMap<string, { oid: string; reason: string; newer?: true }>;
  /** Text of `config/errand.yaml` on the branch, where there is one. */
  config: { blob: string; text: string } | null;
}

/** A value with the commit that holds it: what a lease must name. */
export interface Held<T> {
  oid: string;
  value: T;
}

/** A file in `tasks/`. */
export interface TaskFile {
  id: string;
  /** Path from the repository's root. */
  path: string;
  blob: string;
  /** Null for the file of a finished task, which nobody reads, and for one whose content could not be fetched this time. */
  parsed: Parsed<Task> | null;
}

/** A file in `results/<day>/`. Its text is not part of the view. */
export interface ResultFile {
  id: string;
  path: string;
  blob: string;
}

/** Wall clock and elapsed time are two things: only the second decides. */
export interface Clock {
  /** Milliseconds since 1970, for people and for `not_before`. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start, suspend included, never going back. */
  elapsedMs(): number;
}
