import { setTimeout as pause } from 'node:timers/promises';
import type { Remark } from '../events.ts';
import { shortName } from '../open-checkout.ts';
import { type FolderWatch, watchFolders } from './folder-watch.ts';
import { Watcher, type WatcherOptions } from './watcher.ts';

export interface RunOptions extends Omit<WatcherOptions, 'onExchanged'> {
  /** Ends when everything that can be done now is done. */
  once: boolean;
  /** Ends it cleanly: what is under way is finished or undone first. */
  signal: AbortSignal;
}

/** How often to look where the system does not tell of changes. */
const UNTOLD_LOOK_MS = 2_000;

/** How many times the settling time a single pass waits for files that are always being written. */
const ONCE_PATIENCE = 10;

/** Watches until it is told to end, or, with `once`, until there is nothing left to do. Returns what stood in the way then. */
export async function runWatch({ once, signal, ...options }: RunOptions): Promise<readonly Remark[]> {
  const { checkout, clock, emit, settleMs } = options;
  // Ends the wait that is under way, or else the next one.
  let wake = new AbortController();
  const watcher = new Watcher({ ...options, onExchanged: () => wake.abort() });
  let isTold = true;
  let unsettledSinceMs: number | null = null;
  let left: Remark | null = null;
  const folders: FolderWatch | null = once
    ? null
    : watchFolders(checkout, {
        changed: () => wake.abort(),
        failed: (text) => {
          if (isTold) watcher.remark({ type: 'no-folder-watch', text });
          isTold = false;
          wake.abort();
        },
      });
  const end = (): void => {
    watcher.close();
    wake.abort();
  };
  signal.addEventListener('abort', end, { once: true });
  await folders?.ready;
  const { dir, ref, upstreamRef, address } = checkout;
  emit({ type: 'started', dir, branch: shortName(ref), upstream: shortName(upstreamRef), address });
  try {
    while (!signal.aborted) {
      const step = await watcher.turn();
      if (step.do !== 'rest') continue;
      unsettledSinceMs = step.unsettled.length === 0 ? null : (unsettledSinceMs ?? clock.elapsedMs());
      if (once && step.isQuiet) {
        if (unsettledSinceMs === null) break;
        if (clock.elapsedMs() - unsettledSinceMs >= ONCE_PATIENCE * settleMs) {
          left = { type: 'still-written', paths: step.unsettled };
          break;
        }
      }
      const waitMs = step.untilMs - clock.elapsedMs();
      if (waitMs <= 0 || signal.aborted) continue;
      await pause(isTold ? waitMs : Math.min(waitMs, UNTOLD_LOOK_MS), undefined, { signal: wake.signal }).catch(() => {});
      wake = new AbortController();
    }
  } finally {
    signal.removeEventListener('abort', end);
    watcher.close();
    await watcher.exchanged();
    await folders?.close();
  }
  if (left !== null) emit(left);
  emit({ type: 'stopped', unsent: watcher.unsent, heldBy: watcher.heldBy });
  return [...watcher.standing, ...(left === null ? [] : [left])];
}
