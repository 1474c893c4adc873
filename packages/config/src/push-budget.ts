import type { QueueConfig } from './queue-config.ts';
import { remoteHost } from './remote.ts';

/** Hosts that ask for few pushes, with the names their ssh servers have on port 443. */
const SHARED_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'ssh.github.com',
  'gitlab.com',
  'altssh.gitlab.com',
  'bitbucket.org',
  'altssh.bitbucket.org',
  'codeberg.org',
]);

/** GitHub's own advice for one repository. */
const PUSHES_PER_MINUTE_ON_SHARED_HOSTS = 6;

/** Pushes per minute that a queue at this URL or path may make where its file says nothing; null where nothing limits them. */
export function defaultPushBudget(remoteUrl: string): number | null {
  const host = remoteHost(remoteUrl);
  return host !== null && SHARED_HOSTS.has(host) ? PUSHES_PER_MINUTE_ON_SHARED_HOSTS : null;
}

/** Pushes per minute that all workers of the queue at this URL or path may make together; null where nothing limits them. */
export function pushBudget({ pushes }: QueueConfig, remoteUrl: string): number | null {
  return pushes === 'by-host' ? defaultPushBudget(remoteUrl) : pushes;
}
