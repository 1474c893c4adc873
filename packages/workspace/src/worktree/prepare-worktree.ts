import { lstat, readFile, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, makeRunFolders, makeStateFolder, makeWorkFolder, removeFolder, type Workspace } from '../directory.ts';
import { cacheName, withFreshClone } from './clone-cache.ts';
import { Desk, removeOldDesks } from './desk.ts';
import type { RemoteFailure } from './explain-failure.ts';
import { readCommit } from './fetch-base.ts';
import { agentGitEnvironment } from './git-environment.ts';
import { GitWorktree } from './git-worktree.ts';
import { freeBranch } from './prune-worktrees.ts';
import { readRemoteBase } from './read-remote.ts';
import { whyNotABase, whyNotARemote } from './remote-address.ts';
import { restoreAdmin, restoreRepository } from './restore-repository.ts';
import type { KeptWorktree, PreparedWorktree, WorktreeRequest } from './worktree.ts';

/**
 * Makes `<state>/work/<id>/<attempt>` a worktree of the repository, on the branch `errand/<id>/<attempt>` from the base as it
 * is at the remote now; or takes over the one that the attempt before left, without asking the remote. Never rejects.
 */
export async function prepareWorktree(request: WorktreeRequest): Promise<PreparedWorktree> {
  const { remote, base, id, takeOver } = request;
  const badRemote = whyNotARemote(remote);
  if (badRemote !== null)
    return refuse(`repo: is not an address that git is asked about: ${badRemote}`, 'Give a URL or an absolute path.');
  const badBase = base === null ? null : whyNotABase(base);
  if (badBase !== null) return refuse(`base: is not a name: ${badBase}`, 'Name a branch, a tag or a commit.');
  try {
    const root = await makeStateFolder(request.stateDir);
    const repos = await makeFolders(root, ['repos']);
    await removeOldDesks(repos, Date.now());
    const run = await makeRunFolders(root, request.nonce);
    const made = takeOver === undefined ? null : await takeUp(root, repos, request, takeOver);
    const worktree = made ?? (await makeFresh(root, repos, request));
    if (!worktree.ok) {
      await run.remove();
      const { cause, message, hint } = worktree;
      return { ok: false, cause, message, hint };
    }
    const workspace: Workspace = { cwd: worktree.kept.cwd, ...run };
    const env = agentGitEnvironment(request.identity);
    const place = { kept: worktree.kept, branch: branchName(request), request, repos };
    return { ok: true, workspace, worktree: new GitWorktree(place), env, takenOver: made !== null };
  } catch (error) {
    return refuse(
      `cannot prepare a worktree for ${id}: ${error instanceof Error ? error.message : String(error)}`,
      `Check space and permissions of ${request.stateDir}.`,
    );
  }
}

type Made = { ok: true; kept: KeptWorktree };

async function makeFresh(root: string, repos: string, request: WorktreeRequest): Promise<Made | RemoteFailure> {
  const { remote, base, env, signal } = request;
  const found = await Desk.use(repos, env, 'sha1', (desk) => readRemoteBase(desk, remote, base), signal);
  if (!found.ok) return found;
  return Desk.use(
    repos,
    env,
    found.format,
    async (desk) => {
      const done = await withFreshClone(desk, { repos, remote, base, found }, (cache, baseOid) =>
        addWorktree(desk, root, request, cache, baseOid),
      );
      return done.ok ? { ok: true, kept: done.value } : done;
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
  const branch = branchName(request);
  await freeBranch(desk, cache, branch);
  const cwd = await makeWorkFolder(root, request);
  try {
    await desk.must({ gitDir: cache }, ['worktree', 'add', '--quiet', '--no-track', '-B', branch, '--', cwd, baseOid]);
    const admin = /^gitdir: (.+)\n$/.exec(await readFile(join(cwd, '.git'), 'utf8'))?.[1] ?? '';
    if (dirname(admin) !== join(cache, 'worktrees')) throw new Error(`${cwd} does not belong to ${cache}`);
    return { cwd, cache, admin, branch, base: request.base, baseOid };
  } catch (error) {
    await removeFolder(cwd);
    throw error;
  }
}

/** The worktree of an attempt before, as it was left; null where it, or what it was made from, is not what is asked for now. */
async function takeUp(root: string, repos: string, request: WorktreeRequest, kept: KeptWorktree): Promise<Made | null> {
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
      return { ok: true, kept };
    } catch {
      return null;
    }
  });
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}

function branchName({ id, attempt }: WorktreeRequest): string {
  return `errand/${id}/${attempt}`;
}

function refuse(message: string, hint: string): PreparedWorktree {
  return { ok: false, cause: 'failed', message, hint };
}
