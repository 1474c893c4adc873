import type { Change } from '../survey/survey.ts';

/** Since when each changed file has been as it is. */
export type Settling = ReadonlyMap<string, { readonly fingerprint: string; readonly sinceMs: number }>;

/** What is known after another look: a file that has changed again starts again. */
export function observe(before: Settling, changes: readonly Change[], nowMs: number): Settling {
  return new Map(
    changes.map(({ path, fingerprint }) => {
      const known = before.get(path);
      return [path, known?.fingerprint === fingerprint ? known : { fingerprint, sinceMs: nowMs }];
    }),
  );
}

/** How many times the settling time a finished file waits for others that are still being written, to go with them. */
const PATIENCE = 5;

/** Which changes have stood still for long enough, and when the next one will have. */
export function findSettled(
  settling: Settling,
  changes: readonly Change[],
  { nowMs, settleMs }: { nowMs: number; settleMs: number },
): { settled: readonly Change[]; unsettled: readonly string[]; mayWaitForMore: boolean; nextMs: number | null } {
  const ripeMs = (change: Change): number => (settling.get(change.path)?.sinceMs ?? nowMs) + settleMs;
  const settled = changes.filter((change) => ripeMs(change) <= nowMs);
  const open = changes.filter((change) => ripeMs(change) > nowMs);
  const oldestMs = Math.min(...settled.map(ripeMs));
  return {
    settled,
    unsettled: open.map(({ path }) => path),
    mayWaitForMore: open.length > 0 && nowMs < oldestMs + PATIENCE * settleMs,
    nextMs: open.length === 0 ? null : Math.min(...open.map(ripeMs)),
  };
}
