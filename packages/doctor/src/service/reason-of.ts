import type { ServiceState } from '@errand/service';

/** Why the manager does not answer, or null where it does. */
export function reasonOf({ reachable }: ServiceState): string | null {
  return reachable.ok ? null : reachable.cause;
}
