import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitRun, runGit } from '../git/run-git.ts';
import { COORDINATION } from '../names.ts';

/** The repository of a queue on this machine's own disk, as a server has it. */
export interface ServerRepository {
  /** Absolute; where its objects and refs are. */
  gitDir: string;
  /** Branch of the queue. */
  branch: string;
  /** Runs git in it, without hooks. */
  git(args: readonly string[], options?: { timeoutMs?: number }): Promise<GitRun>;
}

/** The repository, or why nothing is done in it. */
export type FoundRepository =
  | { ok: true; repository: ServerRepository }
  | { ok: false; code: 'not-a-repository' | 'not-a-queue' | 'not-mine'; message: string; hint: string };

const LOCAL_MS = 60_000;

/**
 * Finds a queue's repository, bare or with a checkout, at an absolute path. It must be this user's own: what git writes there as
 * somebody else, those who push could not change, and another user's settings may name programs.
 */
export async function findServerRepository(
  path: string,
  { branch, env }: { branch?: string; env: NodeJS.ProcessEnv },
): Promise<FoundRepository> {
  const gitDir = (await isRepository(join(path, '.git'))) ? join(path, '.git') : path;
  if (!(await isRepository(gitDir))) {
    const hint = 'Name the folder that workers push to.';
    return { ok: false, code: 'not-a-repository', message: `${path} is not a git repository`, hint };
  }
  const { uid } = await stat(gitDir);
  if (uid !== process.getuid?.()) {
    const message = `${path} belongs to another user (number ${uid})`;
    const hint = `Run this as that user: sudo -u '#${uid}' errand maintain ${path}`;
    return { ok: false, code: 'not-mine', message, hint };
  }
  const git: ServerRepository['git'] = (args, { timeoutMs = LOCAL_MS } = {}) => runGit({ gitDir, args, env, timeoutMs });
  const head = branch ?? (await git(['symbolic-ref', '--short', 'HEAD'])).stdout.trim();
  if (!(await isQueue(git, head))) {
    const message = `${path} is not a queue: its branch ${head} has neither config/errand.yaml nor tasks/, and it has no ${COORDINATION} refs`;
    return { ok: false, code: 'not-a-queue', message, hint: 'Name the branch of the queue: --branch BRANCH.' };
  }
  return { ok: true, repository: { gitDir, branch: head, git } };
}

async function isRepository(dir: string): Promise<boolean> {
  const parts = await Promise.all(['objects', 'refs', 'HEAD'].map((name) => stat(join(dir, name)).catch(() => null)));
  return parts.every((part) => part !== null);
}

async function isQueue(git: ServerRepository['git'], branch: string): Promise<boolean> {
  const refs = await git(['for-each-ref', '--count=1', '--format=%(refname)', COORDINATION]);
  if (refs.exitCode === 0 && refs.stdout !== '') return true;
  const files = await git(['ls-tree', '--name-only', `refs/heads/${branch}`, '--', 'config/errand.yaml', 'tasks']);
  return files.exitCode === 0 && files.stdout !== '';
}
