import { type HttpRemote, startHttpServer } from './http-server.ts';
import { openAlone } from './remote-server.ts';
import type { TestRemoteOptions } from './test-remote.ts';

/** A remote over smart HTTP, behind a server of its own, with a user name and a password, both in its URL. */
export function httpRemote(options: TestRemoteOptions = {}): Promise<HttpRemote> {
  return openAlone(startHttpServer(), options);
}
