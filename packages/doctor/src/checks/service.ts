import { dirname, join } from 'node:path';
import { findMachineConfig, type MachineConfig, stateDir } from '@errand/config';
import {
  describeHost,
  enableLinger,
  findTrouble,
  inspectService,
  type RunningTrouble,
  type ServiceHost,
  type ServiceState,
} from '@errand/service';
import { findProgram } from '@errand/workspace';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';

/** The variables that say where configuration and state are. */
const PLACES = ['ERRAND_CONFIG', 'ERRAND_STATE_DIR', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'];

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
    ...judgeEnvironment(state, host),
    ...judgeFile(state, install),
    ...judgeManager(state, commands),
    ...judgeLinger(state, host),
    ...judgePath(state, machine, install),
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

/** What the manager knows, where it answers. */
function judgeManager(state: ServiceState, { install, restart }: Commands): Found[] {
  const cause = reasonOf(state);
  if (cause !== null) {
    if (state.lingering === false) return []; // That tells why.
    return [
      {
        state: 'warning',
        what: 'the service manager cannot be asked about the service',
        why: cause,
        remedy: 'Ask as the user who runs it.',
      },
    ];
  }
  const found: Found[] = [];
  if (!state.enabled) {
    found.push({
      state: 'warning',
      what: 'the service does not start by itself',
      why: 'after a restart of the machine no worker runs',
      remedy: 'Install it again, which enables it:',
      command: install,
    });
  }
  const trouble = findTrouble(state);
  if (trouble !== null) found.push(describeTrouble(trouble, state, restart));
  if (state.outdated === true) {
    found.push({
      state: 'note',
      what: 'the worker that runs is older than the code of this checkout',
      remedy: 'Start it anew; what is running is finished or goes on:',
      command: restart,
    });
  }
  return found;
}

function describeTrouble(trouble: RunningTrouble, { active, restarts, says }: ServiceState, restart: string): Found {
  switch (trouble) {
    case 'restarting':
      return {
        state: 'fault',
        what: `the service does not stay up: it was started again by itself ${restarts === 1 ? 'once' : `${restarts ?? 'some'} times`}`,
        why: says ?? 'the worker ends before it has reached the queue',
        remedy: 'The reason is told before each start:',
        command: 'errand service logs --lines 200',
      };
    case 'not-ready':
      return {
        state: 'warning',
        what: 'the service is starting, and has not reached the queue yet',
        why: says ?? 'the worker has not been heard of',
        remedy: 'It goes on trying. What it says:',
        command: 'errand service logs',
      };
    case 'failed':
    case 'stopped':
      return {
        state: 'fault',
        what: `the service is ${active}`,
        why:
          trouble === 'failed' ? (says ?? 'the worker ended, and is not tried again') : 'somebody stopped it, and no worker runs',
        remedy: 'See what it says (errand service logs), then start it:',
        command: restart,
      };
  }
}

/** What was examined is what this shell sees: the service may have been installed from another one. */
function judgeEnvironment({ environment, scope }: ServiceState, { env, home }: ServiceHost): Found[] {
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

interface Commands {
  install: string;
  restart: string;
}

/** What to type for this service: the machine's belongs to root, who may not have errand on their PATH. */
function serviceCommands({ scope }: ServiceState, { root }: ServiceHost): Commands {
  const type = (verb: string): string =>
    scope === 'system' ? `sudo ${shellWord(join(root, 'scripts', 'errand'))} service ${verb} --system` : `errand service ${verb}`;
  return { install: type('install'), restart: type('restart') };
}

function reasonOf({ reachable }: ServiceState): string | null {
  return reachable.ok ? null : reachable.cause;
}

/** Without lingering the manager itself is gone when nobody is logged in, and with it the service. */
function judgeLinger(state: ServiceState, host: ServiceHost): Found[] {
  if (state.lingering !== false) return [];
  const gone = reasonOf(state);
  const seen: Pick<Found, 'state' | 'what' | 'why'> =
    gone === null
      ? {
          state: 'warning',
          what: 'the service ends when you log out, and does not start with the machine',
          why: 'lingering is off for this user',
        }
      : {
          state: 'fault',
          what: 'the service does not run',
          why: `lingering is off for this user, so it ended at log-out: ${gone}`,
        };
  return [
    {
      ...seen,
      remedy: 'Turn it on:',
      command: `sudo loginctl enable-linger ${shellWord(host.user)}`,
      repair: async () => {
        const refused = await enableLinger(host);
        return refused === null ? { ok: true, did: 'turned lingering on for this user' } : { ok: false, why: refused };
      },
    },
  ];
}

/** A service does not have the PATH of somebody who has logged in. */
function judgePath(
  { path }: ServiceState,
  { agents, policy }: Pick<MachineConfig, 'agents' | 'policy'>,
  install: string,
): Found[] {
  if (path === null) return [];
  const ofAgents = policy.agents.flatMap((name) =>
    name === 'command' ? (agents.command?.argv?.[0] ?? []) : (agents[name]?.bin ?? name),
  );
  return ['git', 'node', ...ofAgents].flatMap((name): Found[] => {
    const searched = findProgram(name, path, '/');
    if (searched.ok) return [];
    const here = findProgram(name, process.env.PATH ?? '', '/');
    return [
      {
        state: name === 'git' || name === 'node' ? 'fault' : 'warning',
        what: `the service does not find ${name} (${searched.reason})`,
        why: here.ok ? `its PATH lacks ${shellWord(dirname(here.path))}` : 'it is not installed',
        remedy: here.ok ? 'Install the service anew from a shell that finds it:' : 'Install it, then the service anew:',
        command: install,
      },
    ];
  });
}
