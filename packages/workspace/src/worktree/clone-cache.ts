import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from '../remove-folder.ts';
import type { Desk } from './desk.ts';
import type { RemoteFailure } from './explain-failure.ts';
import { fetchBase } from './fetch-base.ts';
import type { Remote } from './find-remote.ts';
import { GitInterrupted } from './interrupted.ts';
import { hasWorktrees, pruneWorktrees } from './prune-worktrees.ts';
import type { RemoteBase } from './read-remote.ts';
import { hideSecrets } from './remote-address.ts';
import { restoreRepository } from './restore-repository.ts';
import { removeStaleLocks } from './stale-locks.ts';
import { takeLock } from './take-lock.ts';

/** As long as a first fetch of a large repository by another process may take. */
const WAIT_MS = 45 * 60_000;

export interface CacheRequest {
  /** `<state>/repos`. */
  repos: string;
  remote: Remote;
  base: string | null;
  found: RemoteBase;
}

/** What the caches of one repository are called: readable, and one for each address. */
export function cacheName(remote: string): string {
  const last = hideSecrets(remote)
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:]/)
    .at(-1);
  const slug =
    (last ?? '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'repository';
  return `${slug}-${createHash('sha256').update(remote).digest('hex').slice(0, 16)}`;
}

/**
 * Does `work` with a clone of the repository that was fetched just now, and with the commit to start from, while no other
 * process uses it so. A clone that is damaged stays, for the worktrees that it still has, and the next one is made beside
 * it: `<name>.git`, `<name>.2.git`, … Throws that git was interrupted, what `work` throws with a new clone, and what the file system says.
 */
export async function withFreshClone<T>(
  desk: Desk,
  request: CacheRequest,
  work: (cache: string, baseOid: string) => Promise<T>,
): Promise<{ ok: true; value: T } | RemoteFailure> {
  const name = cacheName(request.remote.address);
  const what = `fetching ${hideSecrets(request.remote.address)}`;
  const taken = await takeLock(join(request.repos, `${name}.lock`), { waitMs: WAIT_MS, what, signal: desk.signal });
  if ('ended' in taken) return wasEnded(what);
  if ('failure' in taken) {
    const { message, holder } = taken.failure;
    const hint = holder === undefined ? `Check space and permissions of ${request.repos}.` : 'It is tried again.';
    return { ok: false, cause: 'unavailable', message, hint };
  }
  try {
    await removeHalfMade(request.repos, name);
    const clones = await listClones(request.repos, name);
    const newest = clones.at(-1);
    if (newest !== undefined) {
      const done = await useClone(desk, request, newest, work);
      if (done !== 'damaged') return done;
      if (desk.ended) return wasEnded(what);
    }
    const place = join(request.repos, clones.length === 0 ? `${name}.git` : `${name}.${numberOf(newest ?? '') + 1}.git`);
    const fetched = await makeClone(desk, request, place);
    if (!fetched.ok) return fetched;
    for (const old of clones) if (!(await hasWorktrees(old))) await removeFolder(old);
    return { ok: true, value: await work(place, fetched.oid) };
  } finally {
    await taken.lock.release();
  }
}

async function useClone<T>(
  desk: Desk,
  request: CacheRequest,
  cache: string,
  work: (cache: string, baseOid: string) => Promise<T>,
): Promise<{ ok: true; value: T } | RemoteFailure | 'damaged'> {
  try {
    await restoreRepository(desk, cache);
    await removeStaleLocks(cache);
    await pruneWorktrees(desk, cache);
    const fetched = await fetchBase(desk, request, cache);
    if (!fetched.ok) return fetched.known ? fetched : 'damaged';
    return { ok: true, value: await work(cache, fetched.oid) };
  } catch (error) {
    if (error instanceof GitInterrupted) throw error;
    // Whatever else it is, a new clone shows whether it was this clone's fault.
    return 'damaged';
  }
}

/** Made beside its place, and put there when it is whole. */
async function makeClone(desk: Desk, request: CacheRequest, place: string): Promise<{ ok: true; oid: string } | RemoteFailure> {
  const made = `${place}.new-${randomBytes(5).toString('hex')}`;
  try {
    await desk.must({}, ['init', '--quiet', '--bare', '--template=', `--object-format=${request.found.format}`, made]);
    await restoreRepository(desk, made);
    const fetched = await fetchBase(desk, request, made);
    if (fetched.ok) await rename(made, place);
    return fetched;
  } finally {
    await rm(made, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The clones of a repository, oldest first. */
async function listClones(repos: string, name: string): Promise<string[]> {
  const names = (await readdir(repos)).filter(
    (entry) => entry.startsWith(`${name}.`) && /^(?:\.\d+)?\.git$/.test(entry.slice(name.length)),
  );
  return names.map((entry) => join(repos, entry)).sort((one, other) => numberOf(one) - numberOf(other));
}

function numberOf(clone: string): number {
  return Number(/\.(\d+)\.git$/.exec(clone)?.[1] ?? 1);
}

/** What a process that was killed left: nobody else makes one while we hold the lock. */
async function removeHalfMade(repos: string, name: string): Promise<void> {
  for (const entry of await readdir(repos)) {
    if (entry.startsWith(`${name}.`) && entry.includes('.git.new-')) await removeFolder(join(repos, entry));
  }
}

function wasEnded(what: string): RemoteFailure {
  return { ok: false, cause: 'unavailable', message: `${what} was ended`, hint: 'It is tried again.' };
}
