import type { ServicePlan } from '../plan/plan-service.ts';

/** A plan as an installation on a Pi would make it, with what a test wants otherwise. */
export function samplePlan(changes: Partial<ServicePlan> = {}): ServicePlan {
  return {
    scope: 'user',
    user: 'me',
    home: '/home/me',
    root: '/home/me/errand',
    environment: [['PATH', '/home/me/.local/bin:/usr/bin:/bin']],
    hardened: true,
    stopMs: 55_000,
    ...changes,
  };
}
