import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { loadConfig } from '../connect.ts';
import { describeProblem, fail } from '../failure.ts';
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

/** errand service install: checks the configuration, writes the service's file, starts the worker. */
export async function install(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  // What the service will not have must not be what makes it valid.
  const { ERRAND_QUEUE: _, ...env } = host.env;
  const config = await loadConfig({ ...io, env }, {});
  if (!config.ok) return config;
  for (const warning of config.warnings) io.note(`warning: ${describeProblem(warning)}`);
  const { machine } = config;
  if (machine.path === null) {
    const hint = 'Run errand join REMOTE --machine NAME first.';
    return fail('configuration', 'no-config', "a service reads its queue from the machine's own file, and there is none", hint);
  }
  const { longestStopMs } = await import('@errand/config');
  const { installService, renderService } = await import('@errand/service');
  const request = { host, scope: scopeOf(options), machine };
  if (options.dryRun) {
    const rendered = renderService(request);
    if (!rendered.ok) return failBy(rendered);
    io.out(rendered.text);
    return DONE;
  }
  const waitMs = longestStopMs(machine) + STOP_PATIENCE_MS + READY_MS;
  const { shutdownMs } = machine.grace_ms;
  const onRestart = (): void => {
    if (!options.json) io.note(describeRestart(shutdownMs));
  };
  const installed = await installService({ ...request, linger: options.linger, waitMs, onRestart });
  if (!installed.ok) return failBy(installed);
  const { file, unitPath, ready, lingering, lingerRefused } = installed;
  if (options.json) return printJson(io, { unit_path: unitPath, file, ready, lingering });
  const done = { new: 'Installed', replaced: 'Updated', same: 'Nothing to change in' }[file];
  io.out(`${done} ${unitPath}\n`);
  io.out(describeStart(installed));
  if (lingerRefused !== null) {
    io.note(
      `warning: it does not start with the machine, only when ${host.user} logs in, and stops at log-out: ${lingerRefused}\n  Run sudo loginctl enable-linger ${host.user}\n`,
    );
  } else if (lingering === false) {
    io.out(`It starts when ${host.user} logs in, and stops at log-out.\n`);
  }
  return DONE;
}
