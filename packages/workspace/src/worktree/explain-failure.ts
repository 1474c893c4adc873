import { howInterrupted, wasInterrupted } from './interrupted.ts';
import { hideSecrets } from './remote-address.ts';
import type { GitRun } from './run-git.ts';

export interface RemoteFailure {
  ok: false;
  /** `unavailable` passes by itself. */
  cause: 'unavailable' | 'failed';
  message: string;
  hint: string;
}

const DENIED =
  /permission denied|authentication failed|could not read (?:username|password)|invalid credentials|returned error: 40[13]|host key verification failed|access denied|unauthorized|insufficient permission/i;
const ABSENT =
  /returned error: 404|not found|does not appear to be a git repository|not valid: is this a git repository|does not exist|no such file or directory/i;
const FORBIDDEN = /transport '[^']*' not allowed|protocol .* not supported|strange (?:hostname|pathname)|dubious ownership/i;
const AWAY =
  /could not resolve|connection (?:refused|timed out|reset|closed)|network is unreachable|no route to host|failed to connect|couldn't connect|timed out|could not read from remote|unable to access|too slow|empty reply|returned error: (?:429|5\d\d)|hung up|early eof|unexpected disconnect|rpc failed|expected 'packfile'|not our ref/i;

/**
 * What a failed conversation with a repository means. Git ends with the same status whatever the cause, so its words decide
 * here, and only between waiting and asking a person; what they leave open is `unavailable`, and `known` says so.
 */
export function explainRemoteFailure(run: GitRun, remote: string): RemoteFailure & { known: boolean } {
  const shown = hideSecrets(remote);
  const said = firstLines(run.stderr);
  const failed = (what: string, hint: string): RemoteFailure & { known: boolean } => ({
    ok: false,
    cause: 'failed',
    known: true,
    message: `${what}: ${said}`,
    hint,
  });
  const passing = (message: string, known: boolean): RemoteFailure & { known: boolean } => ({
    ok: false,
    cause: 'unavailable',
    known,
    message,
    hint: 'It is tried again.',
  });
  if (wasInterrupted(run)) return passing(`git ${howInterrupted(run)} before ${shown} had answered`, true);
  if (run.stopped === 'timed out') return passing(`${shown} gave no answer in time`, true);
  if (FORBIDDEN.test(run.stderr)) return failed(`git does not talk to ${shown}`, 'Check repo: in the task and repos: in config.');
  if (DENIED.test(run.stderr)) {
    return failed(
      `no access to ${shown}`,
      `Give this machine's user access: \`git ls-remote ${shown}\` must work without being asked anything.`,
    );
  }
  if (ABSENT.test(run.stderr)) {
    const hint = 'Check repo: in the task and repos: in config, and its access rights.';
    // A clone on this disk that lacks a file is described in the same words.
    return { ...failed(`there is no repository at ${shown}`, hint), known: false };
  }
  const message = said === '' ? `git ended with status ${run.exitCode ?? '?'} at ${shown}` : `cannot reach ${shown}: ${said}`;
  return passing(message, AWAY.test(run.stderr));
}

const NOISE = /^(?:hint:|warning:|from |to |please make sure|and the repository exists|\s*$)/i;

/** The lines that say why, in one: a helper's own words come first, git's summary of them last. */
export function firstLines(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^(?:remote:|fatal:|error:)\s*/g, '').trim())
    .filter((line) => !NOISE.test(line));
  return hideSecrets(lines.slice(0, 3).join('; ')).slice(0, 400);
}
