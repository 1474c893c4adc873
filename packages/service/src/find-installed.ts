import { readFile } from 'node:fs/promises';
import { chooseManager } from './choose-manager.ts';
import { isOurs } from './marker.ts';
import { PATH_VARIABLES } from './plan/plan-service.ts';
import type { ServiceHost } from './service-host.ts';
import type { ServiceScope } from './service-state.ts';

/** A service file that errand wrote. */
export interface InstalledFile {
  unitPath: string;
  /** Whose rights its worker has. */
  user: string;
  /** Where its configuration and its state are, if not in the usual place. */
  places: NodeJS.ProcessEnv;
}

/** The file of errand's that is installed in a scope, or null. */
export async function findInstalled(host: ServiceHost, scope: ServiceScope): Promise<InstalledFile | null> {
  const port = chooseManager(host, scope);
  if (port === null) return null;
  const text = await readFile(port.unitPath, 'utf8').catch(() => null);
  if (text === null || !isOurs(text)) return null;
  const environment = Object.fromEntries(port.readEnvironment(text));
  const places = Object.fromEntries(PATH_VARIABLES.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
  return { unitPath: port.unitPath, user: readUser(text) ?? host.user, places };
}

/** The scope in which a file of errand's is installed, the user's first; null where there is none. */
export async function findInstalledScope(host: ServiceHost): Promise<ServiceScope | null> {
  for (const scope of ['user', 'system'] as const) if ((await findInstalled(host, scope)) !== null) return scope;
  return null;
}

/** Who the worker of the machine's service is; null where none of errand's is installed. */
export async function findSystemUser(host: ServiceHost): Promise<string | null> {
  return (await findInstalled(host, 'system'))?.user ?? null;
}

/**
 * The environment of whoever asks, with the places of the installed service instead of theirs: what is done about a service is done
 * about its own configuration and state, from whatever shell. Without a service it is as it was.
 */
export async function findInstalledEnvironment(host: ServiceHost, scope: ServiceScope): Promise<NodeJS.ProcessEnv> {
  const installed = await findInstalled(host, scope);
  if (installed === null) return host.env;
  const own = Object.fromEntries(Object.entries(host.env).filter(([name]) => !PATH_VARIABLES.some((one) => one === name)));
  return { ...own, ...installed.places };
}

/** Whom the text of a service file names; the service of a user names nobody. */
export function readUser(text: string): string | null {
  return (/^User=(.+)$/m.exec(text) ?? /<key>UserName<\/key>\s*<string>([^<]*)/.exec(text))?.[1] ?? null;
}
