import type { Thresholds, WordWeights } from '@errand/routing';
import type { Tier } from '@errand/task';

/** What the queue's file says about one machine, for people and tools that need to reach it. */
export interface ListedMachine {
  address?: string;
  user?: string;
  /** Port of its ssh server; absent: what ssh takes. */
  port?: number;
  capabilities: string[];
  /** False for a machine that files tasks and runs none. */
  worker: boolean;
}

/** What `config/errand.yaml` on the branch says: shared, not trusted, every default filled in. Durations are milliseconds. */
export interface QueueConfig {
  machines: { [name: string]: ListedMachine };
  /** Git URLs by the short name that tasks use. */
  repos: { [name: string]: string };
  /** Weights and scores of the queue's own; absent ones are those built in. */
  routing: { words?: WordWeights; thresholds?: Thresholds };
  /** Model of each tier, by agent. */
  tiers: { [agent: string]: { [tier in Tier]: string } };
  defaults: { timeoutMs: number; retries: number; model: string; agent: string; priority: number };
  /** How long after it finished a task's file is removed, in milliseconds. */
  tidy: 'never' | number;
  /** Pushes per minute of all its workers together; null: as many as they like; `by-host`: see `pushBudget`. */
  pushes: 'by-host' | number | null;
}
