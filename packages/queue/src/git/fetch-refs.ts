import { hasRefFile, isFiltered } from './clone-files.ts';
import type { ObjectFormat } from './encode-object.ts';
import { explainFailure } from './git-failure.ts';
import { type GitSession, REMOTE } from './git-session.ts';
import type { GitRun } from './run-git.ts';

const FETCH = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
const ERRAND_REFS = '+refs/errand/*:refs/errand/*';

/** Makes an empty bare repository in which to fetch. */
export function initClone(session: GitSession, dir: string, format: ObjectFormat, branch: string): Promise<GitRun> {
  return session.local(null, [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    `--object-format=${format}`,
    `--initial-branch=${branch}`,
    dir,
  ]);
}

/**
 * What is new on the branch comes with its small files: a task's text would else be asked for right after, and over a long
 * line that is four more round trips. A first fetch brings none: nobody reads a year of results.
 */
const SMALL_FILES = '--filter=blob:limit=16k';

/**
 * One fetch of the branch and all `refs/errand/*` under their own names; the first one blobless, and shallow if the branch is
 * new to the clone. A branch that the remote does not have is no failure.
 */
export async function fetchRefs(session: GitSession, dir: string, branch: string): Promise<GitRun> {
  const ref = `refs/heads/${branch}`;
  const known = await hasRefFile(dir, ref);
  const filter = (await isFiltered(dir)) ? (known ? SMALL_FILES : '--filter=blob:none') : '--no-filter';
  const fetch = (refspec: string, depth: readonly string[]): Promise<GitRun> =>
    session.fetch(dir, [...FETCH, '--prune', '--force', filter, ...depth, REMOTE, refspec, ERRAND_REFS]);

  const run = await fetch(`+${ref}:${ref}`, known ? [] : ['--depth=1']);
  if (!lacksBranch(run)) return run;
  // A pattern may match nothing. It asks again rather than trusting the text, and removes the branch here if it is gone there.
  // No depth: there is no history to cut, and git calls a shallow fetch of nothing a failure.
  return fetch(refspecThatMayMatchNothing(ref), []);
}

/** Brings the history of a commit that the clone has cut off: its commits alone, without trees and blobs. */
export function fetchHistory(session: GitSession, dir: string, oid: string): Promise<GitRun> {
  return session.fetch(dir, [...FETCH, '--unshallow', '--filter=tree:0', REMOTE, oid]);
}

/** Brings objects by their oids in one request. */
export function fetchByOid(session: GitSession, dir: string, oids: readonly string[]): Promise<GitRun> {
  // The clone has nothing that helps the remote to send less, so nothing is negotiated.
  const config = ['fetch.negotiationAlgorithm=noop'];
  return session.fetch(dir, [...FETCH, '--filter=blob:none', '--stdin', REMOTE], { config, input: `${oids.join('\n')}\n` });
}

/**
 * True where the remote speaks git's old protocol (an sshd that does not pass `GIT_PROTOCOL` on) and gives out only what its
 * refs name: blobs that were left out cannot be had there any more.
 */
export function refusesOids(run: GitRun): boolean {
  return run.exitCode !== null && run.exitCode !== 0 && /does not allow request for unadvertised object/i.test(run.stderr);
}

/** Asks the remote for its refs only: does it answer at all? */
export async function remoteAnswers(session: GitSession, dir: string): Promise<boolean> {
  const run = await session.fetch(dir, ['ls-remote', '--quiet', REMOTE, 'HEAD']);
  return run.exitCode === 0;
}

/** The hash that the remote wants, where a fetch failed because the clone has another one. */
export function wantedFormat(run: GitRun): ObjectFormat | null {
  const found = /mismatched algorithms: client \w+; server (sha1|sha256)/.exec(run.stderr);
  return found === null ? null : (found[1] as ObjectFormat);
}

function lacksBranch(run: GitRun): boolean {
  return run.exitCode !== null && run.exitCode !== 0 && /couldn't find remote ref/i.test(explainFailure(run).failure.message);
}

/** `refs/heads/mai*n`: matches `main`, hardly anything else, and lets the remote list few refs. */
function refspecThatMayMatchNothing(ref: string): string {
  const pattern = `${ref.slice(0, -1)}*${ref.slice(-1)}`;
  return `+${pattern}:${pattern}`;
}
