import { startHttpServer } from './http-server.ts';
import { fileRemote, pathRemote } from './path-remote.ts';
import type { RemoteServer } from './remote-server.ts';
import { startSshServer, whyNoSshRemote } from './ssh-server.ts';
import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

export interface RemoteKind {
  name: string;
  /** Why it cannot run here, or null. */
  missing: string | null;
  /** Starts its server, if it has one, which then gives out repositories. */
  start(): Promise<RemoteServer>;
}

/** Every way to reach a repository that a machine's `queue:` may name. */
export const REMOTE_KINDS: readonly RemoteKind[] = [
  { name: 'a path', missing: null, start: async () => withoutServer(pathRemote) },
  { name: 'file://', missing: null, start: async () => withoutServer(fileRemote) },
  { name: 'ssh', missing: whyNoSshRemote(), start: startSshServer },
  { name: 'http', missing: null, start: startHttpServer },
];

function withoutServer(openRemote: (options?: TestRemoteOptions) => Promise<TestRemote>): RemoteServer {
  return { openRemote, [Symbol.asyncDispose]: async () => {} };
}
