import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { failBy, printJson, type ServiceOptions, STOP_PATIENCE_MS, scopeOf } from './service-options.ts';

/** What a stop takes at most where the configuration cannot be asked, milliseconds. */
const LONGEST_STOP_MS = 10 * 60_000;

/** errand service uninstall: stops the worker, takes the service away, and says what stays and where. */
export async function uninstall(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  const { findMachineConfig, loadMachineConfig, longestStopMs, stateDir } = await import('@errand/config');
  const { uninstallService } = await import('@errand/service');
  const config = await loadMachineConfig(host.env);
  const waitMs = config.ok && config.value !== null ? longestStopMs(config.value) + STOP_PATIENCE_MS : LONGEST_STOP_MS;
  const removed = await uninstallService(host, scopeOf(options), waitMs);
  if (!removed.ok) return failBy(removed);
  const { unitPath, lingering, dropIns } = removed;
  const kept = {
    configuration: findMachineConfig(host.env, host.home, io.cwd).path,
    state: stateDir(host.env),
    checkout: host.root,
  };
  if (options.json) return printJson(io, { removed: unitPath, lingering, drop_ins: dropIns, kept });
  io.out(unitPath === null ? 'No service of errand is installed.\n' : `The worker is stopped, and ${unitPath} is removed.\n`);
  io.out('What stays is yours:\n');
  io.out(`  ${kept.configuration}   this machine's configuration\n`);
  io.out(`  ${kept.state}   clones, journal, logs and workspaces\n`);
  io.out(`  ${kept.checkout}   errand itself\n`);
  if (dropIns !== null) io.out(`  ${dropIns}   what you changed of the service\n`);
  if (lingering)
    io.out(
      `Services of ${host.user} still start with the machine. If no other needs that: loginctl disable-linger ${host.user}\n`,
    );
  return DONE;
}
