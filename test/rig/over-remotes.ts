import { REMOTE_KINDS, type RemoteServer, type TestRemote } from '@errand/testing';
import { afterAll, beforeAll, describe } from 'vitest';
import { Scene } from './scene.ts';

/** Declares tests once for each kind of remote; `open` sets a scene around a fresh repository of a server that runs for all of them. */
export function overRemotes(tests: (open: () => Promise<Scene>) => void): void {
  for (const { name, missing, start } of REMOTE_KINDS) {
    const title = missing === null ? `over ${name}` : `over ${name} (${missing})`;
    describe.skipIf(missing !== null && process.env.CI !== 'true')(title, () => {
      let server: RemoteServer | undefined;
      beforeAll(async () => {
        server = await start();
      });
      afterAll(() => server?.[Symbol.asyncDispose]());
      const openRemote = async (): Promise<TestRemote> => {
        if (server === undefined) throw new Error('the server has not started');
        return server.openRemote();
      };
      tests(() => Scene.open(openRemote));
    });
  }
}
