import { existsSync } from 'node:fs';
import { launchdManager } from './launchd/launchd-manager.ts';
import type { ManagerPort } from './manager-port.ts';
import type { ServiceHost } from './service-host.ts';
import type { ServiceScope } from './service-state.ts';
import { systemdManager } from './systemd/systemd-manager.ts';

/** What sd_booted(3) looks at. */
const SYSTEMD_RUNS = '/run/systemd/system';

/** The service manager of this machine, or null where errand knows none. */
export function chooseManager(host: ServiceHost, scope: ServiceScope): ManagerPort | null {
  if (host.platform === 'darwin') return launchdManager(host, scope);
  return host.platform === 'linux' && existsSync(SYSTEMD_RUNS) ? systemdManager(host, scope) : null;
}
