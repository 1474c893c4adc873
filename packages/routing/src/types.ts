import type { Tier } from '@errand/task';

/** What was decided for one task, and why. */
export interface Route {
  tier: Tier;
  /** What the agent is asked for: the name configured for the tier (by default the tier itself), or the task's exact model id. */
  model: string;
  /** Sum of the reasons' weights; 0 for a task whose `model:` decided. */
  score: number;
  /** What in the text counted, in the order in which it was looked at. */
  reasons: Reason[];
  /** `model`: the task's own `model:` decided. `text`: the text did. */
  source: 'text' | 'model';
}

/** A feature that was found, and how much it counted for (or, below 0, against) a more capable model. */
export interface Reason {
  feature: string;
  weight: number;
}

/** From which score on a text needs the tier. */
export interface Thresholds {
  sonnet: number;
  opus: number;
}

/** Words or phrases and the weight that each adds, e.g. `{ firmware: 3, 'change log': -2 }`; 0 makes a built-in word count nothing. */
export interface WordWeights {
  readonly [phrase: string]: number;
}

/** Everything that may change a route besides the text. */
export interface RouteOptions {
  /** The task's `model:`: `auto`, a tier, or an exact model id. */
  model?: string | undefined;
  /** The routing section of the queue's configuration. */
  config?: { words?: WordWeights | undefined; thresholds?: Partial<Thresholds> | undefined } | undefined;
  /** Name of the model for each tier, where it is not the tier's own name. */
  tiers?: Partial<Record<Tier, string>> | undefined;
}
