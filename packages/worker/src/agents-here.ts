import { join } from 'node:path';
import { type Agent, type ClaudeConfig, createClaudeAgent, createCommandAgent } from '@errand/agents';
import { type MachineConfig, resolveEnvValues } from '@errand/config';
import { findProgram, readHostEnvironment } from '@errand/workspace';
import type { Checked } from './check-claude.ts';

/** What this machine can run, and what `agent: auto` means on it. */
export interface AgentsHere {
  agents: Map<string, Agent>;
  /** Of those that tell. */
  versions: Map<string, string>;
  /** Those whose login has worked. */
  withLogin: Set<string>;
  /** Those that had no login when they were last asked, with what they said. */
  withoutLogin: Map<string, string>;
  defaultAgent: string | null;
  /** Reads the secrets of an agent's environment again; what cannot be read stays as it was. True where one has changed; never rejects. */
  refresh(agent: string): Promise<boolean>;
  /** For people: agents that policy names and that are not here. */
  remarks: string[];
}

export type AgentSetup = ({ ok: true } & AgentsHere) | { ok: false; code: 'configuration'; message: string; hint: string };

export interface AgentSetupOptions {
  machine: MachineConfig;
  stateDir: string;
  /** The worker's own environment: `ERRAND_AGENT` and PATH. */
  env: NodeJS.ProcessEnv;
  /** Asks Claude Code what it is, and whether it can work here. */
  checkClaude(config: ClaudeConfig): Promise<Checked>;
}

/**
 * Finds out which agents policy names and are installed here, and changes nothing. A value whose file cannot be read stops the
 * worker at its start; a CLI that is missing does not.
 */
export async function setUpAgents({ machine, stateDir, env, checkClaude }: AgentSetupOptions): Promise<AgentSetup> {
  // What an adapter was given is what it looks at: a value that is read again is seen by its next attempt.
  const environments = new Map<string, { [name: string]: string }>();
  const here: AgentsHere = {
    agents: new Map(),
    versions: new Map(),
    withLogin: new Set(),
    withoutLogin: new Map(),
    defaultAgent: null,
    refresh: async (agent) => {
      const values = await resolveEnvValues(machine.agents[agent]?.env ?? {});
      const known = environments.get(agent);
      if (!values.ok || known === undefined) return false;
      const changed = Object.entries(values.env).some(([name, value]) => known[name] !== value);
      Object.assign(known, values.env);
      return changed;
    },
    remarks: [],
  };
  for (const name of machine.policy.agents) {
    const settings = machine.agents[name] ?? { env: {} };
    const values = await resolveEnvValues(settings.env);
    if (!values.ok) {
      const message = `agents.${name}.env: ${values.causes.join('; ')}`;
      return { ok: false, code: 'configuration', message, hint: 'Correct the file or the path.' };
    }
    const badKey = name === 'claude' ? findBadKey(values.env) : null;
    if (badKey !== null) return { ok: false, code: 'configuration', ...badKey };
    environments.set(name, values.env);
    if (name === 'command') {
      const [program, ...args] = settings.argv ?? [];
      if (program !== undefined) here.agents.set(name, createCommandAgent({ argv: [program, ...args], env: values.env }));
    } else if (name === 'claude') {
      const found = findProgram(settings.bin ?? 'claude', readHostEnvironment(env).path, '/');
      if (!found.ok) {
        here.remarks.push(`claude is not here (${found.reason}): tasks for it wait; install it, or name it in agents.claude.bin`);
        continue;
      }
      const configDir = join(stateDir, 'agents', 'claude');
      const { permissions } = machine.policy;
      const maxTurns = settings.maxTurns === undefined ? {} : { maxTurns: settings.maxTurns };
      const config: ClaudeConfig = { bin: found.path, env: values.env, configDir, permissions, ...maxTurns };
      const checked = await checkClaude(config);
      if (!checked.ok) {
        here.remarks.push(`claude cannot be used here: ${checked.cause}; tasks for it wait`);
        continue;
      }
      here.agents.set(name, createClaudeAgent(config));
      here.versions.set(name, checked.version);
      if (checked.login.kind === 'logged-in') here.withLogin.add(name);
      if (checked.login.kind === 'not-logged-in') here.withoutLogin.set(name, checked.login.cause);
    }
  }
  here.defaultAgent = chooseDefault(machine, env.ERRAND_AGENT, here);
  return { ok: true, ...here };
}

const KEYS = ['CLAUDE_CODE_OAUTH_TOKEN', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'];

/** What cannot be a key would cost a task a try before anybody knows. The value itself is not repeated. */
function findBadKey(env: { readonly [name: string]: string }): { message: string; hint: string } | null {
  for (const name of KEYS) {
    const value = env[name] ?? '';
    const message = `agents.claude.env.${name}`;
    if (/[\r\n]/.test(value.trim())) {
      return {
        message: `${message} has ${value.trim().split(/\r?\n/).length} lines; a key is one`,
        hint: 'Paste it again, on one line.',
      };
    }
    if (/^[~./]/.test(value)) {
      return {
        message: `${message} looks like a path, and is sent as the key`,
        hint: `Write ${name}: { file: … } to have the file read.`,
      };
    }
  }
  return null;
}

/** `default_agent`, else `ERRAND_AGENT`, else the first that is there and has a login; `command` only by the machine's own file. */
function chooseDefault(
  machine: MachineConfig,
  asked: string | undefined,
  { agents, withoutLogin, remarks }: AgentsHere,
): string | null {
  if (machine.defaultAgent !== null) return agents.has(machine.defaultAgent) ? machine.defaultAgent : null;
  if (asked !== undefined && asked !== '' && asked !== 'auto') {
    if (asked !== 'command' && agents.has(asked)) return asked;
    remarks.push(
      asked === 'command'
        ? "ERRAND_AGENT=command is not followed: only default_agent in the machine's own file lets every text run as a command"
        : `ERRAND_AGENT=${JSON.stringify(asked.slice(0, 40))} is no agent that this machine allows and has: it is not followed`,
    );
  }
  const models = [...agents.keys()].filter((name) => name !== 'command');
  return models.find((name) => !withoutLogin.has(name)) ?? models[0] ?? null;
}
