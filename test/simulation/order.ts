import type { Result } from '@errand/task';
import type { FaultKind } from './faults.ts';
import type { Told } from './world.ts';

/** What one run is about. */
export interface Scene {
  machines: number;
  tasks: number;
  /** Pushes per minute that the queue's file allows; null: it says nothing of them; absent: one seed in four allows one. */
  pushes?: number | null;
  /** Nothing goes wrong. */
  calm?: boolean;
  /** Kinds of faults that do not strike. */
  off?: FaultKind[];
  /** Until when faults strike, milliseconds of virtual time. */
  untilMs?: number;
}

/** What a player is asked for: `count` seeds from `from` on, every `step`th. */
export interface Order {
  from: number;
  count: number;
  step: number;
  scene: Scene;
  story: boolean;
  /** A regular expression: the first problem that it matches is the last seed. */
  until?: string;
}

/** How one seed went, as a player prints it. */
export interface PlayedLine {
  seed: number;
  /** Why the world was not as it must be, or null. */
  problem: string | null;
  virtualMs: number;
  pushes: number;
  struck: { [kind in FaultKind]?: number };
  /** Attempts whose program began. */
  runs: number;
  /** Runs that began while the same task's ran elsewhere. */
  doubles: number;
  /** Results by their state, in the end. */
  results: { [state in Result['state']]?: number };
  story?: Told[];
}
