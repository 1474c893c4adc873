import type { Observations } from './observations.ts';
import type { Self } from './self.ts';
import type { View } from './view.ts';

/** One reading of both clocks. */
export interface Now {
  /** Milliseconds since 1970: decides `not_before`, `retry_at` and pauses, nothing else. */
  wallMs: number;
  /** Milliseconds of the same count as `View.at`. */
  elapsedMs: number;
}

/** How finished tasks ended, by id. Only those that `resultsToRead` names are needed. */
export type ResultStates = ReadonlyMap<string, 'done' | 'failed' | 'cancelled'>;

/** All that a plan depends on: the same input gives the same plan. */
export interface PlanInput {
  view: View;
  /** With `view` as the last one observed. */
  observations: Observations;
  self: Self;
  now: Now;
  resultStates: ResultStates;
}
