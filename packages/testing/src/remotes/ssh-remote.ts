import { openAlone } from './remote-server.ts';
import { type SshServerOptions, startSshServer } from './ssh-server.ts';
import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

/** A remote behind a real sshd of its own, on 127.0.0.1. */
export function sshRemote(options: TestRemoteOptions & SshServerOptions = {}): Promise<TestRemote> {
  return openAlone(startSshServer(options), options);
}
