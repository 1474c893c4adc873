import type { View } from '@errand/planner';

/** One of the things that keep a queue healthy. It is called after every view, one duty at a time, and does one round. */
export interface Duty {
  readonly name: string;
  /** It pushes where there is something to push, so it waits while this worker's share of the push budget is spent. */
  readonly pushes?: true;
  tend(view: View): Promise<void>;
}
