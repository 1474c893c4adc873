import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { loadConfig } from '../connect.ts';
import {
  failBy,
  IS_STARTING,
  longestStopMs,
  printJson,
  READY_MS,
  RUNS,
  type ServiceOptions,
  scopeOf,
} from './service-options.ts';

/** errand service restart: the worker stops with its grace, and starts with the code and the configuration of now. */
export async function restart(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  const config = await loadConfig({ ...io, env: host.env }, {});
  // A worker that runs is not stopped for a configuration with which it could not start again.
  if (!config.ok) return config;
  const { restartService } = await import('@errand/service');
  const { shutdownMs } = config.machine.grace_ms;
  if (!options.json)
    io.note(`Restarting. What runs may go on for ${shutdownMs / 1000} s, and is then given back and gone on with.\n`);
  const done = await restartService(host, scopeOf(options), longestStopMs(config.machine) + READY_MS);
  if (!done.ok) return failBy(done);
  if (options.json) return printJson(io, { ready: done.ready });
  io.out(done.ready ? RUNS : IS_STARTING);
  return DONE;
}
