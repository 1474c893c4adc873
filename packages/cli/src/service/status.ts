import type { ServiceHost } from '@errand/service';
import { DONE, type Io, type Outcome } from '../command.ts';
import { EXIT_CODES } from '../failure.ts';
import { renderServiceState } from './render-service.ts';
import { printJson, type ServiceOptions } from './service-options.ts';

/** errand service status: what is installed, what runs, and what it says. It ends well only where a worker is at work. */
export async function status(io: Io, host: ServiceHost, options: ServiceOptions): Promise<Outcome> {
  const { inspectService } = await import('@errand/service');
  const state = await inspectService({ env: host.env, host, ...(options.system && { scope: 'system' as const }) });
  const outcome: Outcome = state.active === 'active' ? DONE : { ok: true, exitCode: EXIT_CODES.environment };
  if (!options.json) {
    io.out(renderServiceState(state, host));
    return outcome;
  }
  const { unitPath, mainPid, reachable, ...rest } = state;
  printJson(io, {
    ...rest,
    reachable: reachable.ok,
    cause: reachable.ok ? null : reachable.cause,
    unit_path: unitPath,
    main_pid: mainPid,
  });
  return outcome;
}
