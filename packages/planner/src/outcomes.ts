import type { Outcome } from '@errand/task';

/** What is done about an outcome; `remedy` fills in the data. */
export type RemedyKind =
  | 'record-done'
  | 'record-failed'
  | 'record-cancelled'
  | 'retry-later'
  | 'retry-resumed'
  | 'retry-at-once'
  | 'retry-lost'
  | 'wait-for-limit'
  | 'wait-for-service'
  | 'wait-for-login'
  | 'drop';

/**
 * Every way an attempt can end. `counted`: it uses up one of the task's tries. A counted outcome whose tries are used up is
 * recorded as failed whatever its remedy. `blocked` is recorded as failed: no agent of this version can ask a question.
 */
export const OUTCOMES: { readonly [outcome in Outcome]: { readonly counted: boolean; readonly remedy: RemedyKind } } = {
  done: { counted: false, remedy: 'record-done' },
  failed: { counted: true, remedy: 'retry-later' },
  'timed-out': { counted: true, remedy: 'retry-resumed' },
  stalled: { counted: true, remedy: 'retry-resumed' },
  'rate-limited': { counted: false, remedy: 'wait-for-limit' },
  unavailable: { counted: false, remedy: 'wait-for-service' },
  auth: { counted: false, remedy: 'wait-for-login' },
  refused: { counted: true, remedy: 'record-failed' },
  'over-budget': { counted: true, remedy: 'record-failed' },
  blocked: { counted: false, remedy: 'record-failed' },
  lost: { counted: true, remedy: 'retry-lost' },
  stopped: { counted: false, remedy: 'retry-at-once' },
  cancelled: { counted: false, remedy: 'record-cancelled' },
  fenced: { counted: false, remedy: 'drop' },
};
