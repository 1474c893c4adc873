import { allowFilters, findServerRepository } from '@errand/queue';
import type { Check } from '../check.ts';
import { type Found, ok, type Repaired } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { gitThere, locateRepository } from '../remote/server-command.ts';

/** Can files be left out of a clone, and be had one by one later. */
export const filters: Check = {
  name: 'filters',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    if (facts === null) return [];
    const repair = facts.filter === 'no' ? await findRepair(facts, context.env) : null;
    return judgeFilters(facts).map((found) => (repair === null ? found : { ...found, repair }));
  },
};

/** In a bare repository on this disk that is this user's own, and where nobody has forbidden it; null elsewhere. */
export async function findRepair(
  { remote, branch }: Pick<RemoteFacts, 'remote' | 'branch'>,
  env: NodeJS.ProcessEnv,
): Promise<(() => Promise<Repaired>) | null> {
  const { path, isHere } = locateRepository(remote);
  if (!isHere || path === null) return null;
  const found = await findServerRepository(path, { branch, env });
  if (!found.ok || !(await allowFilters(found.repository, { dryRun: true }))) return null;
  return async () =>
    (await allowFilters(found.repository, { dryRun: false }))
      ? { ok: true, did: gitThere(remote, ['config', 'uploadpack.allowFilter', 'true']).command }
      : { ok: false, why: 'git did not set it' };
}

export function judgeFilters({ filter, single, remote }: RemoteFacts): Found[] {
  if (filter === 'not tried') return [];
  if (filter === 'no') {
    const { where, command } = gitThere(remote, ['config', 'uploadpack.allowFilter', 'true']);
    return [
      {
        // The default of git, and no trouble for a small queue.
        state: 'note',
        what: 'the remote sends every file, also where it is asked to leave some out',
        why: 'each machine downloads all results that there ever were, where it needs a few files: of thousands, that is slow',
        remedy: `${where}, allow filters:`,
        command,
      },
    ];
  }
  if (single === 'yes') return ok('files are left out of a clone, and come when they are asked for');
  return [
    {
      state: 'warning',
      what: 'the remote leaves files out, and does not hand them out later',
      why: "git's old protocol is spoken: an ssh server must pass GIT_PROTOCOL on; clones have every file instead",
      remedy: 'On the server, add `AcceptEnv GIT_PROTOCOL` to /etc/ssh/sshd_config and restart sshd.',
    },
  ];
}
