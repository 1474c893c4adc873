import { existsSync } from 'node:fs';
import type { ServiceHost } from '../service-host.ts';

/** Where logind keeps whose services start with the machine. */
const LINGERING = '/var/lib/systemd/linger';
const OF_LOGIND = ['/run/systemd/seats', '/run/systemd/sessions', '/run/systemd/users'];

/** Whether this user's services start with the machine; null where there is no logind. */
export function isLingering({ user }: ServiceHost): boolean | null {
  if (existsSync(`${LINGERING}/${user}`)) return true;
  return OF_LOGIND.some((folder) => existsSync(folder)) ? false : null;
}

/** Lets this user's services start with the machine; null when it worked, else what loginctl said. */
export async function enableLinger(host: ServiceHost): Promise<string | null> {
  const end = await host.run('loginctl', ['--no-ask-password', 'enable-linger', host.user], {
    env: { ...host.env, LC_ALL: 'C' },
  });
  return end.exitCode === 0 ? null : end.stderr.trim().split('\n')[0] || `exit status ${end.exitCode}`;
}
