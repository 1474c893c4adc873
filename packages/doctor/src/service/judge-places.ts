import { findMachineConfig, stateDir } from '@errand/config';
import type { ServiceHost, ServiceState } from '@errand/service';
import type { Found } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';

/** The variables that say where configuration and state are. */
const PLACES = ['ERRAND_CONFIG', 'ERRAND_STATE_DIR', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'];

/** What was examined is what this shell sees: the service may have been installed from another one. */
export function judgePlaces({ environment, scope }: ServiceState, { env, home }: ServiceHost): Found[] {
  // The machine's service is somebody's whose shell this need not be.
  if (scope === 'system' && env.HOME !== home) return [];
  const theirs = { HOME: home, ...environment };
  const places = (of: NodeJS.ProcessEnv): string[] => [findMachineConfig(of, home, '/').path, stateDir(of)];
  const [config, state] = places(theirs);
  const [configHere, stateHere] = places({ ...env, HOME: home });
  const elsewhere = [...(config === configHere ? [] : [config]), ...(state === stateHere ? [] : [state])];
  if (elsewhere.length === 0) return [];
  const unset = PLACES.filter((name) => env[name] && !environment[name]).flatMap((name) => ['-u', name]);
  const set = PLACES.flatMap((name) => (environment[name] ? [shellWord(`${name}=${environment[name]}`)] : []));
  return [
    {
      state: 'warning',
      what: `the service uses ${elsewhere.join(' and ')}, and this examination did not`,
      why: 'it was installed from a shell that named other places than this one',
      remedy: 'Examine what it uses:',
      command: ['env', ...unset, ...set, 'errand doctor'].join(' '),
    },
  ];
}
