import type { Observations } from './observations.ts';
import { rankByRendezvous } from './rendezvous.ts';
import { liveMachines } from './staleness.ts';
import type { View } from './view.ts';

/** The last turn that there is: nobody waits for more than so many. */
const LAST_TURN = 3;

/**
 * When it is this machine's turn to fold, from 0, among the live ones that have a parked result, or among all where it has nothing of
 * its own to record: else all would push when the gap is over, and all but one in vain. Whoever folds takes every parked result along,
 * so that later turns are seldom needed, and whoever has not parked yet lets those who have go first. The order is another one for each tip.
 */
export function foldTurn(view: View, observations: Observations, machine: string, hasResult: boolean): number {
  const parkers = new Set([...view.records.values()].flatMap(({ value }) => (value.state === 'parked' ? [value.worker] : [])));
  const others = liveMachines(observations, view).filter((name) => name !== machine && (!hasResult || parkers.has(name)));
  if (hasResult && others.length > 0 && !parkers.has(machine)) return LAST_TURN;
  return Math.min(LAST_TURN, rankByRendezvous([...others, machine], view.tip ?? '').indexOf(machine));
}
