import { existsSync } from 'node:fs';
import { until } from '../rig/processes.ts';
import type { WorkerProcess } from '../rig/worker-process.ts';

/** Resolves once a tool call has left this file; throws what the worker said where it has ended without. */
export async function hasBegun(worker: WorkerProcess, file: string): Promise<void> {
  await until(() => existsSync(file) || worker.hasEnded);
  if (!existsSync(file)) throw new Error(`${worker.machine} ended before ${file} was there\n${worker.errors}`);
}
