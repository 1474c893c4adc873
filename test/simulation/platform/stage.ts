import type { SimulatedDisk } from '../disk.ts';
import type { Owner, Scheduler } from '../scheduler.ts';

/** A boot of a machine, as the platform sees it: what it asks of its disk, and whether it still lives. */
export interface Boot extends Owner {
  readonly disk: SimulatedDisk;
  /** Called before each request to the disk: it may die there. */
  beforeRequest(): void;
  /** Ends what an attempt of this machine left running, by its nonce. */
  endProgram(nonce: string): void;
}

/** The run that this process plays now. One at a time. */
export const stage: { scheduler: Scheduler | null } = { scheduler: null };

export function scheduler(): Scheduler {
  if (stage.scheduler === null) throw new Error('no simulation runs');
  return stage.scheduler;
}

/** Whose code runs now. */
export function actingBoot(): Boot {
  const { acting } = scheduler();
  if (acting === null || !('disk' in acting)) throw new Error('nobody acts who has a disk');
  return acting as Boot;
}

/** A request to the disk: done at once, unless the boot dies at it, before or after its effect; then its answer never comes. */
export async function request<T>(effect: (disk: SimulatedDisk) => T): Promise<T> {
  const boot = actingBoot();
  boot.beforeRequest();
  if (boot.dead) return await new Promise<never>(() => {});
  const done = effect(boot.disk);
  boot.beforeRequest();
  return boot.dead ? await new Promise<never>(() => {}) : done;
}
