import { REMOTE_KINDS, type RemoteServer, type TestRemote } from '@errand/testing';
import { afterAll, beforeAll, describe } from 'vitest';

/** Declares tests once for each kind of real remote; a server is started once, and each remote has a fresh repository. */
export function overRealRemotes(tests: (openRemote: () => Promise<TestRemote>) => void): void {
  for (const { name, missing, start } of REMOTE_KINDS) {
    const title = missing === null ? `over ${name}` : `over ${name} (${missing})`;
    describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
      let server: RemoteServer | undefined;
      beforeAll(async () => {
        server = await start();
      });
      afterAll(() => server?.[Symbol.asyncDispose]());
      tests(async () => {
        if (server === undefined) throw new Error('the server has not started');
        return server.openRemote();
      });
    });
  }
}
