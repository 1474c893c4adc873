import type { ServiceState } from './service-state.ts';

/**
 * Why no worker is at work although it should be: it was stopped, it failed and is not tried again, it ends again and again, or it
 * starts and has not reached the queue. Null where one is, and where that cannot be known.
 */
export type RunningTrouble = 'stopped' | 'failed' | 'restarting' | 'not-ready';

export function findTrouble({
  reachable,
  active,
  restarting,
}: Pick<ServiceState, 'reachable' | 'active' | 'restarting'>): RunningTrouble | null {
  if (!reachable.ok) return null;
  switch (active) {
    case 'active':
    case 'reloading':
      return null;
    case 'activating':
      return restarting ? 'restarting' : 'not-ready';
    case 'failed':
      return 'failed';
    default:
      return 'stopped';
  }
}
