import type { AttemptEntry } from './outcome.ts';

/** The front matter of `results/<YYYY-MM-DD>/<id>.md`, spelled as it stands there, plus its two bodies. */
export interface Result {
  schema: 1;
  id: string;
  state: 'done' | 'failed' | 'cancelled';
  /** Blob of the task file that was run. */
  task: string;
  nonce: string;
  /** ISO 8601, UTC. */
  finished_at: string;
  attempts: AttemptEntry[];
  /** The answer, whole. */
  answer: string;
  /** The task file as it was run, front matter included: what a tidied task is restored from. */
  taskText: string;
}
