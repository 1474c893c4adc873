import { dirname } from 'node:path';
import type { MachineConfig } from '@errand/config';
import type { ServiceHost, ServiceState } from '@errand/service';
import { findProgram } from '@errand/workspace';
import type { Found } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';

/** A service does not have the PATH of somebody who has logged in. */
export function judgePath(
  { path }: ServiceState,
  { agents, policy }: Pick<MachineConfig, 'agents' | 'policy'>,
  { env }: Pick<ServiceHost, 'env'>,
  install: string,
): Found[] {
  if (path === null) return [];
  const ofAgents = policy.agents.flatMap((name) =>
    name === 'command' ? (agents.command?.argv?.[0] ?? []) : (agents[name]?.bin ?? name),
  );
  return ['git', 'node', ...ofAgents].flatMap((name): Found[] => {
    const searched = findProgram(name, path, '/');
    if (searched.ok) return [];
    const here = findProgram(name, env.PATH ?? '', '/');
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
