import { setTimeout as pause } from 'node:timers/promises';
import type { GitRun } from './run-git.ts';

const TIMES = 3;
const PAUSE_MS = 200;

/** Git was killed, or could not be started: that says nothing of what it was at. */
export class GitInterrupted extends Error {}

/**
 * True where somebody else ended git or a helper that it tells of (the kernel short of memory, a person), or where there was no
 * room for one more process.
 */
export function wasInterrupted({ stopped, stderr }: GitRun): boolean {
  return stopped === 'killed' || stopped === 'could not start' || (stopped === undefined && HELPER_KILLED.test(stderr));
}

/** SIGKILL and SIGTERM, which have the same numbers everywhere; others may be a helper's own doing. */
const HELPER_KILLED = /^error: .* died of signal (?:9|15)$/m;

/** What became of it, behind the name of what was run. */
export function howInterrupted({ stopped, stderr }: GitRun): string {
  return stopped === 'could not start' ? `could not be started: ${stderr.trim()}` : 'was killed';
}

/** Runs it again, after `tidy`, as long as it is interrupted; gives the last run after three. */
export async function repeatInterrupted(
  run: () => Promise<GitRun>,
  tidy: () => Promise<void>,
  pauseMs: number = PAUSE_MS,
): Promise<GitRun> {
  for (let times = 1; ; times++) {
    const done = await run();
    if (!wasInterrupted(done) || times === TIMES) return done;
    await pause(pauseMs * times);
    await tidy();
  }
}
