import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitWords } from './git/git-words.ts';
import { Git } from './git/run-git.ts';

/** A person's checkout of a queue, and the one branch of it that is watched. */
export interface Checkout {
  /** The root of its work tree; absolute. */
  dir: string;
  /** Its own git directory: in a linked worktree not the one that all share. */
  gitDir: string;
  /** The branch that was checked out when the watcher began: `refs/heads/…`. */
  ref: string;
  /** The remote, by its name in the person's settings. */
  remote: string;
  /** Where pushes to it go, a URL or a path as git reads the person's settings. */
  address: string;
  /** The branch there: `refs/heads/…`. */
  remoteRef: string;
  /** Where git remembers that branch: `refs/remotes/…`. */
  upstreamRef: string;
  git: Git;
}

/** Why a folder cannot be watched, and what to do about it. */
export interface OpenFailure {
  code: string;
  message: string;
  hint: string;
}

/** Looks at a folder that somebody wants to be watched; changes nothing in it. */
export async function openCheckout(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<{ ok: true; checkout: Checkout } | { ok: false; failure: OpenFailure }> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) {
    return refuse('no-checkout', `there is no folder ${folder}`, 'Name a checkout of the queue, as in errand watch ~/queue.');
  }
  const asked = new Git(folder, env);
  const place = await asked.run({ args: ['rev-parse', '--is-inside-work-tree', '--absolute-git-dir', '--show-toplevel'] });
  const [inside, gitDir, dir] = place.stdout.trimEnd().split('\n');
  if (place.exitCode !== 0 || inside !== 'true' || gitDir === undefined || dir === undefined) {
    const why = place.exitCode === 0 || inside === 'false' ? 'it has no work tree' : gitWords(place);
    const hint = 'Name a checkout of the queue, as in errand watch ~/queue; git clone makes one.';
    return refuse('no-checkout', `${folder} is not a checkout: ${why}`, hint);
  }
  const git = asked.in(dir);
  const ref = await git.ask('symbolic-ref', '--quiet', 'HEAD');
  if (ref === null || !ref.startsWith('refs/heads/')) {
    return refuse('detached', `${dir} is on no branch (HEAD is detached)`, 'Check the branch of the queue out: git switch main.');
  }
  const branch = ref.slice('refs/heads/'.length);
  if ((await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')) === null) {
    return refuse('no-commit', `${branch} has no commit yet`, 'Make the queue first: errand init REMOTE, then git pull.');
  }
  const tracked = await git.ask('for-each-ref', '--format=%(upstream)%00%(upstream:remotename)%00%(upstream:remoteref)', ref);
  const [upstreamRef = '', remote = '', remoteRef = ''] = (tracked ?? '').split('\0');
  if (!upstreamRef.startsWith('refs/remotes/') || remote === '' || !remoteRef.startsWith('refs/heads/')) {
    const hint = 'Say which branch of which remote it follows: git push -u origin HEAD.';
    return refuse('no-upstream', `${branch} follows no branch of a remote, so nothing could be sent`, hint);
  }
  const doubt = await doubtQueue(git, remote);
  if (doubt !== null) {
    const hint =
      'Check the branch of the queue out, or make this one a queue: errand init REMOTE, or commit a config/errand.yaml, which may be empty.';
    return refuse('no-queue', `${branch} in ${dir} is no queue: ${doubt}`, hint);
  }
  for (const role of ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT']) {
    if ((await git.ask('var', role)) !== null) continue;
    const hint = 'Tell git: git config --global user.name "Your Name" and git config --global user.email you@example.org.';
    return refuse('no-identity', 'git does not know in whose name to commit here', hint);
  }
  const address = (await git.ask('remote', 'get-url', '--push', remote)) ?? remote;
  return { ok: true, checkout: { dir, gitDir, ref, remote, address, remoteRef, upstreamRef, git } };
}

/**
 * Why a branch is not taken for a queue; null where it is one. A folder `tasks/` alone says nothing: many a repository has one, and
 * its files would be sent to everybody. A queue without a file of its own is known by the records of its workers.
 */
async function doubtQueue(git: Git, remote: string): Promise<string | null> {
  const found = (await git.list('ls-tree', '-z', '--name-only', 'HEAD', 'tasks', 'config/errand.yaml')) ?? [];
  if (found.includes('config/errand.yaml')) return null;
  if (!found.includes('tasks')) return 'it has neither tasks/ nor config/errand.yaml';
  const records = await git.run({ args: ['ls-remote', '--exit-code', '--quiet', '--', remote, 'refs/errand/*'] });
  if (records.exitCode === 0) return null;
  const why =
    records.exitCode === 2 ? `no worker has left a record at ${remote}` : `${remote} cannot be asked (${gitWords(records)})`;
  return `it has tasks/, but no config/errand.yaml, and ${why}`;
}

/** The file that says that a checkout is watched; `errand watch` holds it as a lock. */
export function watchLockPath({ gitDir }: Checkout): string {
  return join(gitDir, 'errand-watch.lock');
}

/** A branch without `refs/heads/` or `refs/remotes/`, as people write it. */
export function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|remotes)\//, '');
}

function refuse(code: string, message: string, hint: string): { ok: false; failure: OpenFailure } {
  return { ok: false, failure: { code, message, hint } };
}
