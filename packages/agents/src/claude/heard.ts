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
  /** From `rate_limit_event`: the limit that was hit, e.g. `five_hour`, and when it ends, in milliseconds; null where not known. */
  limit: { name: string | null; resetsAtMs: number | null };
  /** The `result` events, in order; more than one where work went on in the background. */
  results: readonly Json[];
  /** The folder that it works in; null where it did not say. */
  cwd: string | null;
  /** Tool calls in the order in which they were answered. */
  calls: readonly Call[];
  /** What the answers heard so far cost by list prices. */
  spent: { costUsd: number; tokens: Tokens };
  /** Lines that could not be read: too long, or beyond what can be made of them. */
  dropped: number;
}

/** A tool call that was answered. */
export interface Call {
  id: string;
  tool: string;
  /** From `nameTarget`; null where the call itself was not heard. */
  target: string | null;
  /** It ran and did not fail. */
  ok: boolean;
}
