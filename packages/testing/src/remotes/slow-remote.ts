import { type SlowLink, type SlowLinkOptions, slowLink } from '../net/slow-link.ts';
import type { TestRemote } from './test-remote.ts';

/** A remote with a server (ssh, http), reached by a slow link; what goes away and comes back is the link. */
export async function overSlowLink<Remote extends TestRemote>(
  remote: Remote,
  options: Omit<SlowLinkOptions, 'port'>,
): Promise<Remote & { link: SlowLink }> {
  const url = new URL(remote.url);
  const link = await slowLink({ ...options, port: Number(url.port) });
  url.port = String(link.port);
  return {
    ...remote,
    url: url.href,
    link,
    goAway: () => link.goAway(),
    comeBack: () => link.comeBack(),
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
    },
  };
}
