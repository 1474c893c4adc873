/** What keeps a task from being claimed now. */
export type WaitingKind =
  | 'finished'
  | 'running'
  | 'claimed-elsewhere'
  | 'parked'
  | 'unreadable'
  | 'invalid'
  | 'rolled-back'
  | 'hold'
  | 'not-before'
  | 'depends-on'
  | 'machine'
  | 'needs'
  | 'agent'
  | 'policy'
  | 'paused'
  | 'retry'
  | 'key'
  | 'slots'
  | 'left';

/** Why a task is not claimed now. Without `until` and `dueAt` only a change of the queue or of the machine ends the wait. */
export interface Waiting {
  kind: WaitingKind;
  /** For people: what it waits for, and what to do where something can be done. */
  text: string;
  /** Over when this wall clock time in milliseconds has come, or … */
  until?: number;
  /** … when this elapsed time in milliseconds has come, whichever is first. */
  dueAt?: number;
  /** It will not end by itself: a dependency failed or does not exist. */
  failed?: true;
}
