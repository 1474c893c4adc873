import type { Tokens } from '@errand/task';
import type { Json } from './json.ts';

/** What a run's stream said, as far as its judgement goes by it. */
export interface Heard {
  /** From `system/init`: the CLI got as far as having a session. */
  started: { session: string | null; model: string | null } | null;
  /** The model of the latest answer to the main conversation. */
  model: string | null;
  /** The latest words of the main conversation. */
  lastWords: string;
  /** The `error` of the latest message that the CLI wrote in a model's stead, e.g. `rate_limit`. */
  error: string | null;
  /** From `rate_limit_event`: when the limit that was hit ends, in milliseconds; null where that is not known. */
  limitResetsAtMs: number | null;
  /** The `result` events, in order; more than one where work went on in the background. */
  results: readonly Json[];
  /** Tool calls by id, in the order in which they were answered; `ok`: it ran and did not fail. */
  calls: readonly { id: string; tool: string; ok: boolean }[];
  /** What the answers heard so far cost by list prices. */
  spent: { costUsd: number; tokens: Tokens };
  /** Lines that were too long to be read. */
  dropped: number;
}
