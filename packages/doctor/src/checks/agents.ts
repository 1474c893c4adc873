import { join } from 'node:path';
import type { MachineConfig } from '@errand/config';
import { describeHost } from '@errand/service';
import { probeContainment, startGuard } from '@errand/workspace';
import type { Check, CheckContext } from '../check.ts';
import type { Found } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';
import { chooseWorkerUser, findWorkerTraces, type WorkerTraces } from '../worker-user.ts';

/** Are the agents that policy names here, and do their logins work. */
export const agents: Check = { name: 'agents', limitMs: 150_000, look: lookAtAgents };

async function lookAtAgents(context: CheckContext): Promise<Found[]> {
  const { machine, stateDir, env, offline } = context;
  if (machine === null || machine.policy.agents.length === 0) return [];
  const rootFault = judgeRoot(machine, await findWorkerTraces(context), describeHost(env).root);
  const contained = await probeContainment(machine.policy.contain);
  if (!contained.ok) return rootFault;
  // Of the whole worker only this check has a use.
  const { checkClaude, setUpAgents, systemClock } = await import('@errand/worker');
  const guard = startGuard({ ttlMs: 180_000 });
  try {
    const place = { stateDir, containment: contained.containment, guard, now: systemClock().wallMs, doubted: false };
    const setup = await setUpAgents({
      machine,
      stateDir,
      env,
      checkClaude: async (config) =>
        offline
          ? { ok: true, version: '', login: { kind: 'unknown', cause: 'not asked (--offline)' } }
          : checkClaude(config, place),
    });
    if (!setup.ok) return [{ state: 'fault', what: setup.message, why: 'no worker starts', remedy: setup.hint }, ...rootFault];
    return [...judgeAgents(setup, offline), ...rootFault];
  } finally {
    await guard.stop();
  }
}

/** What a set-up of agents says. */
export interface AgentsSeen {
  agents: ReadonlyMap<string, unknown>;
  versions: ReadonlyMap<string, string>;
  withLogin: ReadonlySet<string>;
  withoutLogin: ReadonlyMap<string, string>;
  remarks: readonly string[];
}

export function judgeAgents({ agents, versions, withLogin, withoutLogin, remarks }: AgentsSeen, offline: boolean): Found[] {
  const found: Found[] = remarks.map((text) => ({
    state: 'warning',
    what: text,
    remedy: 'Install it for the user who runs the worker, or take it out of policy.agents.',
  }));
  for (const name of agents.keys()) {
    const version = versions.get(name);
    const named = version === undefined || version === '' ? name : `${name} ${version}`;
    const cause = withoutLogin.get(name);
    if (cause !== undefined) {
      found.push({
        state: 'fault',
        what: `${named} has no login that works`,
        why: `${cause}; tasks for it wait`,
        remedy: 'Make a token, and write it into the file that agents.claude.env names:',
        command: 'claude setup-token',
      });
    } else if (name === 'command' || withLogin.has(name)) {
      found.push({ state: 'ok', what: name === 'command' ? 'command is set up' : `${named}, its login works` });
    } else {
      const why = offline ? 'that takes a word from its service' : 'its service did not say: ask again later';
      found.push({ state: 'note', what: `${named} is here; whether its login works is not known`, why });
    }
  }
  return found;
}

/**
 * Permissions that are bypassed for root: any agent may then do anything, and Claude Code does not even start. `checkout`: absolute
 * path of errand's.
 */
export function judgeRoot(
  { policy, agents }: Pick<MachineConfig, 'policy' | 'agents'>,
  traces: WorkerTraces,
  checkout: string,
): Found[] {
  if (chooseWorkerUser(traces) !== 0 || policy.permissions !== 'bypass') return [];
  // An agent's owner says with IS_SANDBOX that root of a container is meant.
  const named = policy.agents.filter((name) => agents[name]?.env.IS_SANDBOX === undefined);
  if (named.length === 0) return [];
  const isService = traces.service === 0;
  const may = `${named.join(' and ')} may do anything on this machine`;
  const refuses = named.includes('claude') ? ', except that claude refuses to start as root without permissions' : '';
  return [
    {
      state: 'warning',
      what: `${isService ? 'the service runs' : 'the worker runs'} as root with permissions: bypass: ${may}${refuses} (bypass-as-root)`,
      why: 'whoever can push to the queue decides what they do',
      remedy: isService
        ? 'Name an ordinary user for it, who has joined the queue (errand join), or write permissions: edits:'
        : 'Run the worker as an ordinary user, or write permissions: edits. Where root of a container is meant: IS_SANDBOX, in errand help agents.',
      ...(isService && { command: `sudo ${shellWord(join(checkout, 'scripts/errand'))} service install --system --user NAME` }),
    },
  ];
}
