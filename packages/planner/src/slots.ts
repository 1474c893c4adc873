import type { View } from './view.ts';

/**
 * How many of a machine's slots are in use, by its claims. Its heartbeat alone does not tell: one of a worker with nothing to do
 * is minutes old, and may name attempts whose tasks have a result by now. It does tell which attempts have ended and wait for theirs.
 */
export function countUsedSlots(view: View, machine: string): number {
  const runs = view.workers.get(machine)?.value.runs ?? [];
  const ended = new Set(runs.flatMap(({ nonce, phase }) => (phase === 'finished' ? [nonce] : [])));
  const claims = [...view.records.values()].filter(
    ({ value }) =>
      value.state === 'claimed' && value.worker === machine && !view.results.has(value.id) && !ended.has(value.nonce),
  );
  return claims.length;
}
