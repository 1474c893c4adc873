import { join } from 'node:path';
import { MemoryPort, MemoryRemote, type TestRemote, temporaryDirectory } from '@errand/testing';
import { describe } from 'vitest';
import { openPrivateClone } from '../git/private-clone.ts';
import type { GitPort } from '../port.ts';
import { overRealRemotes } from '../rig/remotes.ts';
import { describePort } from './describe-port.ts';
import type { PortRig } from './port-rig.ts';

describe('over memory', () => describePort(memoryRig));
overRealRemotes((openRemote) => describePort(async () => gitRig(await openRemote())));

async function memoryRig(): Promise<PortRig> {
  const remote = new MemoryRemote();
  return {
    open: (branch = 'main') => new MemoryPort({ remote, branch }),
    remoteRef: async (ref) => remote.refs.get(ref) ?? null,
    goAway: async () => remote.goAway(),
    comeBack: async () => remote.comeBack(),
    loseNextAnswer: async () => remote.loseNextAnswer(),
    refuseRef: async (ref) => {
      remote.hook = (update) => (update.ref === ref ? 'hook declined' : null);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function gitRig(remote: TestRemote): PortRig {
  const folder = temporaryDirectory();
  const opened: GitPort[] = [];
  return {
    open: (branch = 'main') => {
      const dir = join(folder.path, `machine-${opened.length}`, 'clone.git');
      const port = openPrivateClone({ dir, remote: remote.url, branch, env: remote.env });
      opened.push(port);
      return port;
    },
    remoteRef: (ref) => remote.repository.resolve(ref),
    goAway: () => remote.goAway(),
    comeBack: () => remote.comeBack(),
    loseNextAnswer: () => remote.repository.loseNextAnswer(),
    refuseRef: (ref) => remote.repository.refuseRefs(ref),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((port) => port.close()));
      await remote[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
