import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLockFiles } from './clone-files.ts';
import { fetchRefs } from './fetch-refs.ts';
import type { GitSession } from './git-session.ts';
import type { GitRun } from './run-git.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 200;
/** Beyond the wall time of a fetch, nothing of ours can still hold a lock file. */
const SLACK_MS = 10_000;

/**
 * Fetches; where a lock file of git is in the way, waits a second for whoever holds it, and removes those so old that nobody
 * does. The failed run is returned when one stays: a process was killed while it held it, and the clone is to be re-made.
 */
export async function fetchPastLocks(session: GitSession, dir: string, branch: string, now: () => number): Promise<GitRun> {
  let run = await fetchRefs(session, dir, branch);
  for (let attempt = 1; attempt < ATTEMPTS && namesLock(run); attempt += 1) {
    const staleMs = session.timeouts.fetchMs + SLACK_MS;
    const stale = (await findLockFiles(dir, now())).filter(({ ageMs }) => ageMs > staleMs);
    await Promise.all(stale.map(({ path }) => rm(path, { force: true })));
    if (stale.length === 0) await sleep(PAUSE_MS);
    run = await fetchRefs(session, dir, branch);
  }
  return run;
}

/** True where the run failed on a lock file in the clone (a fetch takes none at the remote). */
export function namesLock(run: GitRun): boolean {
  return run.exitCode !== null && run.exitCode !== 0 && /unable to create '[^']*\.lock': file exists/i.test(run.stderr);
}
