import type { MachineConfig } from '@errand/config';
import { describeHost, inspectService, type ServiceHost, type ServiceState } from '@errand/service';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { serviceCommands } from '../service/commands.ts';
import { judgeLinger } from '../service/judge-linger.ts';
import { judgeManager } from '../service/judge-manager.ts';
import { judgePath } from '../service/judge-path.ts';
import { judgePlaces } from '../service/judge-places.ts';
import { reasonOf } from '../service/reason-of.ts';

/** Is the worker installed as a service, as this version would install it, and does it find what it needs. */
export const service: Check = {
  name: 'service',
  limitMs: 30_000,
  look: async ({ machine, env }) => {
    if (machine === null || machine.policy.agents.length === 0) return [];
    const host = describeHost(env);
    return judgeService(await inspectService({ env, host }), machine, host);
  },
};

export function judgeService(state: ServiceState, machine: Pick<MachineConfig, 'agents' | 'policy'>, host: ServiceHost): Found[] {
  const commands = serviceCommands(state, host);
  const { install } = commands;
  if (state.foreign) {
    return [
      {
        state: 'warning',
        what: 'another file stands where the unit of errand would be',
        why: 'errand leaves it alone, and is not installed as a service',
        remedy: 'Look at it, and move it away if it is not needed; then:',
        command: install,
      },
    ];
  }
  if (state.orphaned) {
    return [
      {
        state: 'warning',
        what: 'the file of the service is gone, and its worker still runs',
        why: 'somebody removed the file without stopping it: it does not start again with the machine',
        remedy: 'Have it again (or stop it: errand service uninstall):',
        command: install,
      },
    ];
  }
  if (state.unitPath === null) {
    const what = 'the worker is not installed as a service: it runs while somebody runs it';
    if (state.manager === 'none') return [{ state: 'note', what, why: reasonOf(state) ?? 'no service manager' }];
    return [{ state: 'note', what, remedy: 'Where it is to run by itself:', command: install }];
  }
  const found = [
    ...judgePlaces(state, host),
    ...judgeFile(state, install),
    ...judgeManager(state, commands),
    ...judgeLinger(state, host),
    ...judgePath(state, machine, host, install),
  ];
  return found.length > 0 ? found : ok(`the service is installed and ${state.active}`);
}

/** The file, which can be read whether or not its manager answers. */
function judgeFile(state: ServiceState, install: string): Found[] {
  if (state.current !== false) return [];
  return [
    {
      state: 'warning',
      what: `${state.unitPath} is not what this version would write`,
      why: 'errand or its configuration has changed since it was installed, or somebody edited the file',
      remedy: 'Write it anew; what is running goes on, and the worker starts again:',
      command: install,
    },
  ];
}
