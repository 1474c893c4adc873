import { lstat, readFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, makeRunFolders, makeStateFolder, makeWorkFolder, type Workspace } from '../directory.ts';
import { removeFolder } from '../remove-folder.ts';
import { firstBranch } from './branch-names.ts';
import { cacheName, withFreshClone } from './clone-cache.ts';
import { Desk, removeOldDesks } from './desk.ts';
import type { RemoteFailure } from './explain-failure.ts';
import { readCommit } from './fetch-base.ts';
import { findRemote } from './find-remote.ts';
import { agentGitEnvironment } from './git-environment.ts';
import { GitWorktree } from './git-worktree.ts';
import { GitInterrupted } from './interrupted.ts';
import { limitTime } from './limit-time.ts';
import { chooseFreeBranch, noteBranch } from './prune-worktrees.ts';
import { readRemoteBase } from './read-remote.ts';
import { hideSecrets, whyNotABase, whyNotARemote } from './remote-address.ts';
import { restoreAdmin, restoreRepository } from './restore-repository.ts';
import type { KeptWorktree, PreparedWorktree, WorktreeRequest } from './worktree.ts';

/**
 * Makes `<state>/work/<id>/<attempt>` a worktree of the repository, on the branch `errand/<id>/<attempt>` (`-2`, … where that is taken) from the base as it
 * is at the remote now; or takes over the one that the attempt before left, without asking the remote. Never rejects.
 */
export async function prepareWorktree(request: WorktreeRequest): Promise<PreparedWorktree> {
  const { remote, base, id } = request;
  const badRemote = whyNotARemote(remote);
  if (badRemote !== null)
    return refuse(`repo: is not an address that git is asked about: ${badRemote}`, 'Give a URL or an absolute path.');
  const badBase = base === null ? null : whyNotABase(base);
  if (badBase !== null) return refuse(`base: is not a name: ${badBase}`, 'Name a branch, a tag or a commit.');
  const limit = limitTime(request.signal, request.timeoutMs);
  try {
    const root = await makeStateFolder(request.stateDir);
    const repos = await makeFolders(root, ['repos']);
    await removeOldDesks(repos, Date.now());
    const run = await makeRunFolders(root, request.nonce);
    const made = await makeOrTakeUp(root, repos, { ...request, signal: limit.signal }).catch(passInterrupted);
    if (!made.ok) {
      await run.remove();
      const { cause, message, hint } = made;
      return limit.signal.aborted ? ended(request, limit.timedOut()) : { ok: false, cause, message, hint };
    }
    const workspace: Workspace = { cwd: made.kept.cwd, ...run };
    const env = agentGitEnvironment(request.identity);
    const worktree = new GitWorktree({ kept: made.kept, first: firstBranch(request), request, root, repos });
    return { ok: true, workspace, worktree, env, takenOver: made.takenOver };
  } catch (error) {
    if (limit.signal.aborted) return ended(request, limit.timedOut());
    return refuse(
      `cannot prepare a worktree for ${id}: ${error instanceof Error ? error.message : String(error)}`,
      `Check space and permissions of ${request.stateDir}.`,
    );
  } finally {
    limit.clear();
  }
}

type Made = { ok: true; kept: KeptWorktree; takenOver: boolean };

async function makeOrTakeUp(root: string, repos: string, request: WorktreeRequest): Promise<Made | RemoteFailure> {
  const { remote: address, base, env, signal, takeOver } = request;
  const prepared = await Desk.use(
    repos,
    env,
    'sha1',
    async (desk) => {
      const remote = await findRemote(desk, address, root);
      if (!remote.ok) return remote;
      const taken = takeOver === undefined ? null : await takeUp(root, repos, request, takeOver);
      if (taken !== null) return { ok: true as const, taken };
      const found = await readRemoteBase(desk, remote, base);
      return found.ok ? { ok: true as const, taken: null, cacheRequest: { repos, remote, base, found } } : found;
    },
    signal,
  );
  if (!prepared.ok) return prepared;
  if (prepared.taken !== null) return { ok: true, kept: prepared.taken, takenOver: true };
  const { cacheRequest } = prepared;
  return Desk.use(
    repos,
    env,
    cacheRequest.found.format,
    async (desk) => {
      const done = await withFreshClone(desk, cacheRequest, (cache, oid) => addWorktree(desk, root, request, cache, oid));
      return done.ok ? { ok: true, kept: done.value, takenOver: false } : done;
    },
    signal,
  );
}

async function addWorktree(
  desk: Desk,
  root: string,
  request: WorktreeRequest,
  cache: string,
  baseOid: string,
): Promise<KeptWorktree> {
  const branch = await chooseFreeBranch(desk, cache, firstBranch(request));
  const cwd = await makeWorkFolder(root, request);
  try {
    await desk.must({ gitDir: cache }, ['worktree', 'add', '--quiet', '--no-track', '-b', branch, '--', cwd, baseOid]);
    const admin = /^gitdir: (.+)\n$/.exec(await readFile(join(cwd, '.git'), 'utf8'))?.[1] ?? '';
    if (dirname(admin) !== join(cache, 'worktrees')) throw new Error(`${cwd} does not belong to ${cache}`);
    await noteBranch(admin, branch);
    return { cwd, cache, admin, branch, base: request.base, baseOid };
  } catch (error) {
    await removeFolder(cwd);
    throw error;
  }
}

/** The worktree of an attempt before, as it was left; null where it, or what it was made from, is not what is asked for now. */
async function takeUp(root: string, repos: string, request: WorktreeRequest, kept: KeptWorktree): Promise<KeptWorktree | null> {
  const ours =
    dirname(kept.cwd) === join(root, 'work', request.id) &&
    dirname(kept.cache) === repos &&
    kept.cache.startsWith(join(repos, `${cacheName(request.remote)}.`)) &&
    dirname(kept.admin) === join(kept.cache, 'worktrees') &&
    kept.base === request.base;
  if (!ours || !(await isFolder(kept.cwd)) || !(await isFolder(kept.cache))) return null;
  return Desk.use(repos, request.env, kept.baseOid.length === 64 ? 'sha256' : 'sha1', async (desk) => {
    try {
      await restoreRepository(desk, kept.cache);
      await restoreAdmin(kept);
      if ((await readCommit(desk, kept.cache, kept.baseOid)) === null) return null;
      const now = new Date();
      // Else a sweep could take the folder for one that nobody has used for a week.
      await utimes(kept.cwd, now, now);
      return kept;
    } catch (error) {
      // Where nothing is known of it, what was made in it is not given up.
      if (error instanceof GitInterrupted) throw error;
      return null;
    }
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}

function ended({ id, remote, timeoutMs }: WorktreeRequest, timedOut: boolean): PreparedWorktree {
  const why = timedOut ? `took longer than ${Math.round((timeoutMs ?? 0) / 1_000)} s` : 'was ended';
  const message = `preparing a worktree of ${hideSecrets(remote)} for ${id} ${why}`;
  return { ok: false, cause: 'unavailable', message, hint: 'It is tried again.' };
}

/** Nothing was made yet that could be lost, so an interrupted git costs no more than the wait. */
function passInterrupted(error: unknown): RemoteFailure {
  if (!(error instanceof GitInterrupted)) throw error;
  return { ok: false, cause: 'unavailable', message: `preparing a worktree: ${error.message}`, hint: 'It is tried again.' };
}

function refuse(message: string, hint: string): PreparedWorktree {
  return { ok: false, cause: 'failed', message, hint };
}
