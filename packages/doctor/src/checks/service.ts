import { dirname } from 'node:path';
import type { MachineConfig } from '@errand/config';
import { inspectService, type ServiceState } from '@errand/service';
import { findProgram } from '@errand/workspace';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';
import { runProgram } from '../run-program.ts';

/** Is the worker installed as a service, as this version would install it, and does it find what it needs. */
export const service: Check = {
  name: 'service',
  about: 'machine',
  limitMs: 30_000,
  look: async ({ machine, env }) => {
    if (machine === null || machine.policy.agents.length === 0) return [];
    return judgeService(await inspectService({ env }), machine);
  },
};

export function judgeService(state: ServiceState, machine: Pick<MachineConfig, 'agents' | 'policy'>): Found[] {
  if (state.foreign) {
    return [
      {
        state: 'warning',
        what: 'another file stands where the unit of errand would be',
        why: 'errand leaves it alone, and is not installed as a service',
        remedy: 'Look at it, and move it away if it is not needed; then:',
        command: 'errand service install',
      },
    ];
  }
  if (state.unitPath === null) {
    const what = 'the worker is not installed as a service: it runs while somebody runs it';
    if (state.manager === 'none') return [{ state: 'note', what, why: reasonOf(state) ?? 'no service manager' }];
    return [{ state: 'note', what, remedy: 'Where it is to run by itself:', command: 'errand service install' }];
  }
  const found = [...judgeUnit(state), ...judgePath(state, machine)];
  return found.length > 0 ? found : ok(`the service is installed and ${state.active}`);
}

function reasonOf({ reachable }: ServiceState): string | null {
  return reachable.ok ? null : reachable.cause;
}

function judgeUnit(state: ServiceState): Found[] {
  const cause = reasonOf(state);
  if (cause !== null) {
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
  if (!state.current) {
    found.push({
      state: 'warning',
      what: `${state.unitPath} is not what this version would write`,
      why: 'errand or its configuration has changed since it was installed, or somebody edited the file',
      remedy: 'Write it anew; what is running goes on, and the worker starts again:',
      command: 'errand service install',
    });
  }
  if (!state.enabled) {
    found.push({
      state: 'warning',
      what: 'the service does not start by itself',
      why: 'after a restart of the machine no worker runs',
      remedy: 'Install it again, which enables it:',
      command: 'errand service install',
    });
  }
  if (state.active !== 'active' && state.active !== 'activating') {
    found.push({
      state: 'fault',
      what: `the service is ${state.active}`,
      why: state.says ?? 'no worker runs on this machine',
      remedy: 'See what it says (errand service logs), then start it:',
      command: 'errand service restart',
    });
  }
  if (state.outdated === true) {
    found.push({
      state: 'note',
      what: 'the worker that runs is older than the code of this checkout',
      remedy: 'Start it anew; what is running is finished or goes on:',
      command: 'errand service restart',
    });
  }
  if (state.lingering === false) {
    found.push({
      state: 'warning',
      what: 'the service ends when you log out, and does not start with the machine',
      why: 'lingering is off for this user',
      remedy: 'Turn it on:',
      command: 'loginctl enable-linger',
      repair: async () => {
        const run = await runProgram('loginctl', ['--no-ask-password', 'enable-linger'], {
          env: process.env,
          signal: AbortSignal.timeout(15_000),
        });
        return run.ok ? { ok: true, did: 'turned lingering on for this user' } : { ok: false, why: run.cause };
      },
    });
  }
  return found;
}

/** A service does not have the PATH of somebody who has logged in. */
function judgePath({ path }: ServiceState, { agents, policy }: Pick<MachineConfig, 'agents' | 'policy'>): Found[] {
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
        command: 'errand service install',
      },
    ];
  });
}
