import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { longestStopMs, type MachineConfig } from '@errand/config';
import type { ServiceHost } from '../service-host.ts';
import type { ServiceScope } from '../service-state.ts';
import { chooseServicePath, USUAL } from './choose-path.ts';
import { isTrustedFolder } from './trust-folder.ts';

/** A variable of the worker's environment. */
export type EnvPair = readonly [name: string, value: string];

/** What a service file says, whatever its format. */
export interface ServicePlan {
  scope: ServiceScope;
  /** Whose rights the worker has. */
  user: string;
  home: string;
  /** The checkout that it runs from. */
  root: string;
  environment: readonly EnvPair[];
  /** The agents here may not do everything, so what they cannot need is taken from them. */
  hardened: boolean;
  /** What the worker may take to stop, milliseconds. */
  stopMs: number;
}

/** Taken along where whoever installs has them set, made absolute. Nothing else is: a unit can be read by everybody. */
export const PATH_VARIABLES = ['ERRAND_CONFIG', 'ERRAND_STATE_DIR', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'] as const;
const NEEDED = ['git', 'ssh', 'npm'] as const;

/** What an installation from here and now would say. */
export function planService(host: ServiceHost, scope: ServiceScope, machine: MachineConfig): ServicePlan {
  return {
    scope,
    user: host.user,
    home: host.home,
    root: host.root,
    environment: chooseEnvironment(host, machine),
    hardened: machine.policy.permissions !== 'bypass',
    stopMs: longestStopMs(machine),
  };
}

function chooseEnvironment(host: ServiceHost, machine: MachineConfig): EnvPair[] {
  const { env, home } = host;
  const search = env.PATH ?? '';
  const agents = machine.policy.agents.map((agent) => machine.agents[agent]?.bin ?? machine.agents[agent]?.argv?.[0] ?? agent);
  const programs = [...NEEDED, ...agents].flatMap((name) => findIn(search, name) ?? []);
  const owner = { user: host.user, uid: host.userUid };
  const isTrusted = (folder: string): boolean => isTrustedFolder(folder, owner);
  const path = chooseServicePath({ path: search, home, node: host.node, programs, isTrusted, resolve: realPath });
  const paths = PATH_VARIABLES.flatMap((name): EnvPair[] => {
    const value = env[name];
    if (!value || (name.startsWith('XDG_') && !isAbsolute(value))) return [];
    return [[name, value === '~' || value.startsWith('~/') ? join(home, value.slice(1)) : resolve(value)]];
  });
  return [['PATH', path], ...paths];
}

/**
 * The Node that runs this is the first in the service's PATH, and whoever may write beside it chooses every program that the service
 * starts. The usual folders are the machine's, whoever it lets write there.
 */
export function findUntrustedNode({ node, user, userUid }: ServiceHost): string | null {
  const folder = dirname(node);
  return USUAL.includes(folder) || isTrustedFolder(folder, { user, uid: userUid }) ? null : folder;
}

function findIn(path: string, name: string): string | null {
  if (name.includes('/')) return isAbsolute(name) ? name : null;
  const found = path
    .split(':')
    .map((folder) => join(folder, name))
    .find((file) => isAbsolute(file) && isExecutable(file));
  return found ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}
