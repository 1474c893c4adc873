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
/** How much longer than it may take a stop is waited for: a slow machine is not told to try again. */
export const STOP_PATIENCE_MS = 45_000;

export function scopeOf({ system }: ServiceOptions): ServiceScope {
  return system ? 'system' : 'user';
}

/** What a restart means for what runs. */
export function describeRestart(graceMs: number): string {
  return `Restarting. What runs may go on for ${graceMs / 1000} s, and is then given back and gone on with.\n`;
}

/** How a start went, for people. */
export function describeStart({ ready }: { ready: boolean | null }): string {
  if (ready === null) return 'The worker is started. See errand service logs for whether it reaches the queue.\n';
  return ready
    ? 'The worker runs.\n'
    : 'The worker is starting: it has not reached the queue yet, and goes on trying. See errand service status.\n';
}

export function failBy({ failure }: Extract<Done, { ok: false }>): Outcome {
  return fail('environment', failure.code, failure.message, failure.hint);
}

export function printJson(io: Io, value: object): Outcome {
  io.out(`${JSON.stringify({ schema: 1, ...value }, null, 2)}\n`);
  return DONE;
}
