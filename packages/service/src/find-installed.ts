import { readFile } from 'node:fs/promises';
import { chooseManager } from './choose-manager.ts';
import { isOurs } from './marker.ts';
import type { ServiceHost } from './service-host.ts';
import type { ServiceScope } from './service-state.ts';

/** A service file that errand wrote. */
export interface InstalledFile {
  unitPath: string;
  /** Whose rights its worker has. */
  user: string;
}

/** The file of errand's that is installed in a scope, or null. */
export async function findInstalled(host: ServiceHost, scope: ServiceScope): Promise<InstalledFile | null> {
  const port = chooseManager(host, scope);
  if (port === null) return null;
  const text = await readFile(port.unitPath, 'utf8').catch(() => null);
  return text !== null && isOurs(text) ? { unitPath: port.unitPath, user: readUser(text) ?? host.user } : null;
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

/** Whom the text of a service file names; the service of a user names nobody. */
export function readUser(text: string): string | null {
  return (/^User=(.+)$/m.exec(text) ?? /<key>UserName<\/key>\s*<string>([^<]*)/.exec(text))?.[1] ?? null;
}
