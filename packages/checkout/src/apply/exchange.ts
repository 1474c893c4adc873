import { gitWords } from '../git/git-words.ts';
import type { GitRun } from '../git/run-git.ts';
import type { Checkout } from '../open-checkout.ts';
import type { FetchEnd, PushEnd } from '../plan/network.ts';

const FETCH_TIMEOUT_MS = 60_000;
const PUSH_TIMEOUT_MS = 120_000;

/** A server that has stopped sending is given up, also when nobody is left to hold the clock. */
const IMPATIENT = ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=60'];

/** Where the remote's branch has been must be known, to see that somebody has moved it back: git keeps its log of that one branch. */
const LOGGED = ['-c', 'core.logAllRefUpdates=true'];

/** Fetches the one branch to where git remembers it; nothing else of the person's refs is touched. */
export async function fetchUpstream({ git, remote, remoteRef, upstreamRef }: Checkout, signal: AbortSignal): Promise<FetchEnd> {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const args = [...IMPATIENT, ...LOGGED, 'fetch', ...options, '--', remote, `+${remoteRef}:${upstreamRef}`];
  const run = await git.run({ args, timeoutMs: FETCH_TIMEOUT_MS, signal });
  return run.exitCode === 0 ? { ok: true } : { ok: false, cause: gitWords(run) };
}

/** Pushes one commit, never by force, and nothing that the person's settings would add. */
export async function pushCommit({ git, remote, remoteRef }: Checkout, commit: string, signal: AbortSignal): Promise<PushEnd> {
  const options = ['--porcelain', '--no-follow-tags', '--recurse-submodules=no'];
  const args = [...IMPATIENT, ...LOGGED, 'push', ...options, '--', remote, `${commit}:${remoteRef}`];
  return readPush(await git.run({ args, timeoutMs: PUSH_TIMEOUT_MS, signal }));
}

/** What `git push --porcelain` came to. Only `[rejected]` and `[remote rejected]` are its own fixed words. */
export function readPush(run: GitRun): PushEnd {
  if (run.exitCode === 0) return { how: 'taken' };
  const line = run.stdout.split('\n').find((one) => one.startsWith('!\t'));
  const summary = line?.split('\t')[2] ?? '';
  if (summary.startsWith('[rejected]')) return { how: 'moved' };
  if (!summary.startsWith('[remote rejected]')) return { how: 'unknown', cause: gitWords(run) };
  const reason = summary.replace('[remote rejected]', '').trim();
  const words = gitWords(run);
  return { how: 'refused', cause: [words, reason].filter((part) => part !== '').join(' ') };
}
