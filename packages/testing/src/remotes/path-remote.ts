import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hermeticEnv } from '../hermetic.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { BareRepository } from './bare-repository.ts';
import type { TestRemote, TestRemoteOptions } from './test-remote.ts';

/** A bare repository on this disk, named by its path. */
export function pathRemote(options: TestRemoteOptions = {}): Promise<TestRemote> {
  return diskRemote('path', options);
}

/** The same, named by a `file://` URL: git speaks its protocol then, as with any server. */
export function fileRemote(options: TestRemoteOptions = {}): Promise<TestRemote> {
  return diskRemote('file', options);
}

async function diskRemote(kind: 'path' | 'file', options: TestRemoteOptions): Promise<TestRemote> {
  const folder = temporaryDirectory();
  const env = hermeticEnv(folder.path);
  const dir = join(folder.path, 'queue.git');
  const repository = await BareRepository.init(dir, env, options);
  return {
    kind,
    url: kind === 'path' ? dir : pathToFileURL(dir).href,
    env,
    repository,
    goAway: () => rename(dir, `${dir}.away`),
    comeBack: () => rename(`${dir}.away`, dir),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
