import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { fail } from '../failure.ts';
import { Interruption } from '../follow/interruption.ts';
import { failBy, type ServiceOptions, scopeOf } from './service-options.ts';

export const DEFAULT_LINES = 50;

/** errand service logs: what the worker said, from wherever the manager keeps it. */
export async function logs(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  const lines = Number(options.lines ?? DEFAULT_LINES);
  if (!Number.isInteger(lines) || lines < 0 || !/^\d+$/.test(options.lines ?? '0')) {
    return fail('usage', 'bad-lines', `--lines is a whole number, and this is ${options.lines}`, 'As in --lines 200.');
  }
  const { openLogs } = await import('@errand/service');
  const interruption = new Interruption();
  const shown = await openLogs({
    host,
    scope: scopeOf(options),
    lines,
    follow: options.follow === true,
    signal: interruption.signal,
    hear: io.out,
  });
  interruption.close();
  if (interruption.status !== null) return { ok: true, exitCode: interruption.status };
  return shown.ok ? DONE : failBy(shown);
}
