import type { CacheRequest } from './clone-cache.ts';
import type { Desk } from './desk.ts';
import { explainRemoteFailure, type RemoteFailure } from './explain-failure.ts';
import type { Remote } from './find-remote.ts';
import { wasInterrupted } from './interrupted.ts';
import { noSuchBase } from './read-remote.ts';

const FETCH_MS = 40 * 60_000;
const BASE = 'refs/errand/base';

export type Fetched = { ok: true; oid: string } | (RemoteFailure & { known: boolean });

/**
 * Fetches all branches and tags into the clone, and gives the commit to start from. A failure that is not `known` may be the
 * clone's own.
 */
export async function fetchBase(desk: Desk, { remote, base, found }: CacheRequest, cache: string): Promise<Fetched> {
  const refspecs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  if (found.ref !== null) refspecs.push(`+${found.ref}:${BASE}`);
  const run = await desk.remote(remote, { gitDir: cache }, (name) => [...FETCH, '--prune', name, ...refspecs], FETCH_MS);
  if (run.exitCode !== 0) return explainRemoteFailure(run, remote.address);
  if (found.ref !== null) {
    const oid = await readCommit(desk, cache, BASE);
    return oid === null ? { ...noSuchBase(remote.address, base ?? 'HEAD'), known: true } : { ok: true, oid };
  }
  return findCommit(desk, cache, remote, base ?? '');
}

const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-show-forced-updates',
  '--no-auto-gc',
];

/** A commit by its own name, never by a ref of that name; where no branch or tag has it, the remote may still hand it over. */
async function findCommit(desk: Desk, cache: string, remote: Remote, name: string): Promise<Fetched> {
  const known = await readAbbreviated(desk, cache, name);
  if (known !== null) return { ok: true, oid: known };
  const whole = name.length === 40 || name.length === 64;
  if (whole) {
    const run = await desk.remote(
      remote,
      { gitDir: cache },
      (remoteName) => [...FETCH, remoteName, `+${name}:${BASE}`],
      FETCH_MS,
    );
    if (wasInterrupted(run)) return explainRemoteFailure(run, remote.address);
    const oid = run.exitCode === 0 ? await readCommit(desk, cache, BASE) : null;
    if (oid !== null) return { ok: true, oid };
  }
  return { ...noSuchBase(remote.address, name), known: true };
}

async function readAbbreviated(desk: Desk, cache: string, prefix: string): Promise<string | null> {
  const run = await desk.local({ gitDir: cache }, ['rev-parse', `--disambiguate=${prefix}`]);
  const oids = run.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
  const commits = await Promise.all(oids.slice(0, 20).map((oid) => readCommit(desk, cache, oid)));
  const [only, ...more] = new Set(commits.filter((oid) => oid !== null));
  return only !== undefined && more.length === 0 ? only : null;
}

/** The commit that a ref or an oid leads to, null where there is none. */
export async function readCommit(desk: Desk, gitDir: string, name: string): Promise<string | null> {
  const run = await desk.local({ gitDir }, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  return run.exitCode === 0 ? run.stdout.toString('latin1').trim() : null;
}
