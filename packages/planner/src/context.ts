import { type Candidate, candidateOfHeartbeat } from './candidate.ts';
import { findCycles } from './cycles.ts';
import { describeKeyHolders } from './keys.ts';
import type { Observations } from './observations.ts';
import type { Now, PlanInput, ResultStates } from './plan-input.ts';
import { liveMachines } from './staleness.ts';
import type { View } from './view.ts';

/** What every task of one plan is judged by; worked out once for all of them. */
export interface Context {
  view: View;
  observations: Observations;
  now: Now;
  resultStates: ResultStates;
  rolledBack: ReadonlySet<string>;
  cycles: ReadonlyMap<string, readonly string[]>;
  /** Who holds each taken key, as a clause for people. */
  keyHolders: ReadonlyMap<string, string>;
  /** The live machines, without the one that plans. */
  others: readonly Candidate[];
  /** Machines that the queue's file keeps from work. */
  idle: ReadonlySet<string>;
}

/** The context of a plan; without a `self` nobody plans and all live machines are others. */
export function gatherContext(input: Omit<PlanInput, 'self'>, self: PlanInput['self'] | null): Context {
  const { view, observations, now, resultStates } = input;
  const others = liveMachines(observations, view).filter((machine) => machine !== self?.machine);
  return {
    view,
    observations,
    now,
    resultStates,
    rolledBack: self?.rolledBack ?? new Set(),
    cycles: findCycles(view),
    keyHolders: describeKeyHolders(view),
    idle: new Set(),
    others: others.flatMap((machine) => {
      const held = view.workers.get(machine);
      return held === undefined ? [] : [candidateOfHeartbeat(machine, held.value)];
    }),
  };
}
