import { appendAttempt, type Cause, remedy } from '@errand/planner';
import type { Conclusion } from '@errand/queue';
import type { AttemptEntry, ClaimedRecord, Result } from '@errand/task';

/** One ended attempt and everything that decides what becomes of its task. */
export interface Ended {
  record: ClaimedRecord;
  /** How many tries may follow the first; endless where the task's file cannot be read now. */
  retries: number;
  /** The task file's text, for the result. */
  taskText: string;
  entry: AttemptEntry;
  /** What the evidence says beyond the outcome. */
  cause: Cause;
  answer: string;
}

/** Decides what an ended attempt comes to: a result, a record that waits, or null where nothing may be recorded. */
export function conclude(ended: Ended, random: () => number): Conclusion | null {
  const { record, entry, retries, cause } = ended;
  const attempts = appendAttempt(record.attempts, entry);
  const decided = remedy(entry, cause, record.attempts, { retries }, random);
  switch (decided.kind) {
    case 'record':
      return { kind: 'result', result: buildResult(ended, decided.state, attempts) };
    case 'wait':
      return { kind: 'waiting', attempts, reason: decided.reason, next: decided.next };
    case 'drop':
      return null;
  }
}

function buildResult(ended: Ended, state: Result['state'], attempts: AttemptEntry[]): Result {
  const { record, entry, answer, taskText } = ended;
  return {
    schema: 1,
    id: record.id,
    state,
    task: record.task,
    nonce: record.nonce,
    finished_at: entry.ended_at,
    attempts,
    answer,
    taskText,
  };
}
