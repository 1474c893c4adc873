import { rm } from 'node:fs/promises';
import { explainFailure } from '../git/git-failure.ts';
import type { GitRun } from '../git/run-git.ts';
import type { ServerRepository } from './server-repository.ts';
import { type RepositorySurvey, type StaleLock, surveyRepository } from './survey-repository.ts';

/** What keeping a repository came to. */
export interface Maintained {
  before: RepositorySurvey;
  /** As it was, on a dry run. */
  after: RepositorySurvey;
  /** Lock files of processes that ended long ago, which were removed (on a dry run: would be). */
  unlocked: StaleLock[];
  /** Why git did not do all of it, for people; null where it did. */
  failure: string | null;
}

/** What is so young may be of a push that is under way, or be missed by somebody. */
const KEEP_UNREACHABLE_MS = 14 * 24 * 60 * 60_000;
const LONGEST_MS = 60 * 60_000;

/**
 * Packs objects and refs together, writes what makes walks and clones fast, and deletes objects that nothing has led to for two weeks.
 * Safe beside pushes: git's own locks and the two weeks see to that.
 */
export async function maintainRepository(
  repository: ServerRepository,
  { nowMs, dryRun }: { nowMs: number; dryRun: boolean },
): Promise<Maintained> {
  const before = await surveyRepository(repository, nowMs);
  const unlocked = before.locks.filter(({ dead }) => dead);
  if (dryRun) return { before, after: before, unlocked, failure: null };
  for (const { path } of unlocked) await rm(path, { force: true });
  const failure = await collectGarbage(repository, nowMs);
  return { before, after: await surveyRepository(repository, nowMs), unlocked, failure };
}

async function collectGarbage({ git }: ServerRepository, nowMs: number): Promise<string | null> {
  const prune = `--prune=@${Math.floor((nowMs - KEEP_UNREACHABLE_MS) / 1000)} +0000`;
  // Two weeks of heartbeats are tens of thousands of objects that nothing leads to: in a pack of their own they cost nothing. Git has
  // that from 2.37 on; an older one says that it does not know the option, and keeps them as files.
  const run = await git(['gc', '--quiet', '--cruft', prune], { timeoutMs: LONGEST_MS });
  return explain(run.exitCode === 129 ? await git(['gc', '--quiet', prune], { timeoutMs: LONGEST_MS }) : run);
}

function explain(run: GitRun): string | null {
  return run.exitCode === 0 ? null : explainFailure(run).failure.message;
}
