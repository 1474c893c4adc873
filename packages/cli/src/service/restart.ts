import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { loadConfig } from '../connect.ts';
import {
  describeRestart,
  describeStart,
  failBy,
  printJson,
  READY_MS,
  type ServiceOptions,
  STOP_PATIENCE_MS,
  scopeOf,
} from './service-options.ts';

/** errand service restart: the worker stops with its grace, and starts with the code and the configuration of now. */
export async function restart(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  const { refuseWithoutRoot, restartService } = await import('@errand/service');
  const allowed = refuseWithoutRoot(host, scopeOf(options), 'restart');
  if (!allowed.ok) return failBy(allowed);
  const config = await loadConfig({ ...io, env: host.env }, {});
  // A worker that runs is not stopped for a configuration with which it could not start again.
  if (!config.ok) return config;
  const { longestStopMs } = await import('@errand/config');
  const { shutdownMs } = config.machine.grace_ms;
  const waitMs = longestStopMs(config.machine) + STOP_PATIENCE_MS + READY_MS;
  const done = await restartService(host, scopeOf(options), waitMs, () => {
    if (!options.json) io.note(describeRestart(shutdownMs));
  });
  if (!done.ok) return failBy(done);
  if (options.json) return printJson(io, { ready: done.ready });
  io.out(describeStart(done));
  return DONE;
}
