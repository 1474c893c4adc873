import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

/** A git server of a test file's own, which takes longer to start than a repository behind it. */
export interface RemoteServer<Remote extends TestRemote = TestRemote> extends AsyncDisposable {
  /** A remote with a repository of its own, disposed of before the server. While it is away, so is the whole server. */
  openRemote(options?: TestRemoteOptions): Promise<Remote>;
}

/** A remote that ends with the server that was started for it alone. */
export async function openAlone<Remote extends TestRemote>(
  starting: Promise<RemoteServer<Remote>>,
  options: TestRemoteOptions,
): Promise<Remote> {
  const server = await starting;
  const remote = await server.openRemote(options);
  return {
    ...remote,
    [Symbol.asyncDispose]: async () => {
      await remote[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
