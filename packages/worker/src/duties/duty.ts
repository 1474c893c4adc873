import type { View } from '@errand/planner';

/** One of the things that keep a queue healthy. It is called after every view, one duty at a time, and does one round. */
export interface Duty {
  readonly name: string;
  tend(view: View): Promise<void>;
}
