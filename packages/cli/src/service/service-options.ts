import type { MachineConfig } from '@errand/config';
import type { Done, ServiceScope } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';

export interface ServiceOptions {
  system?: true;
  user?: string;
  linger: boolean;
  dryRun?: true;
  follow?: true;
  lines?: string;
  json?: true;
}

/** How long to wait for a worker's first look at the queue. */
export const READY_MS = 60_000;
/** After the grace and the kill, for giving back. */
const LAST_PUSHES_MS = 60_000;

export const RUNS = 'The worker runs.\n';
export const IS_STARTING =
  'The worker is starting: it has not reached the queue yet, and goes on trying. See errand service status.\n';

export function scopeOf({ system }: ServiceOptions): ServiceScope {
  return system ? 'system' : 'user';
}

/** The longest that a stop may take, milliseconds. */
export function longestStopMs({ grace_ms }: MachineConfig): number {
  return grace_ms.shutdownMs + grace_ms.killMs + LAST_PUSHES_MS;
}

export function failBy({ failure }: Extract<Done, { ok: false }>): Outcome {
  return fail('environment', failure.code, failure.message, failure.hint);
}

export function printJson(io: Io, value: object): Outcome {
  io.out(`${JSON.stringify({ schema: 1, ...value }, null, 2)}\n`);
  return DONE;
}
