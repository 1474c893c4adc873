import type { MachineConfig } from './machine-config.ts';

/** What a worker may take, after its grace and the kill, to give back what it could not finish, milliseconds. What is left then is for its next start. */
export const LAST_PUSHES_MS = 15_000;

/** The longest that a worker takes from being asked to stop to its end, milliseconds. */
export function longestStopMs({ grace_ms }: Pick<MachineConfig, 'grace_ms'>): number {
  return grace_ms.shutdownMs + grace_ms.killMs + LAST_PUSHES_MS;
}
