import type { GitFailure } from '../port.ts';
import type { GitRun } from './run-git.ts';

/**
 * Passing by itself, and soon: refs that vanish during a fetch, locks of another process, a server in trouble.
 * Not `index-pack failed`: alone it means that the clone lacks an object that the remote builds upon.
 */
const TRANSIENT =
  /not our ref|cannot lock ref|unable to create '[^']*\.lock'|another git process|returned error: (?:429|5\d\d)|http 5\d\d|the remote end hung up|early eof|unexpected disconnect|rpc failed|expected 'packfile'|shallow file has changed/i;

/** Nothing but a person helps. */
const REFUSED =
  /permission denied|authentication failed|could not read (?:username|password)|invalid credentials|returned error: 40[134]|repository .*not found|host key verification failed|dubious ownership|access denied|unauthorized|insufficient permission|not allowed|protocol .* not supported|not valid: is this a git repository/i;

/** The way there is cut, or the place is gone; both may come back. */
const UNREACHABLE =
  /could not resolve|connection (?:refused|timed out|reset|closed)|network is unreachable|no route to host|failed to connect|couldn't connect|operation timed out|could not read from remote repository|does not appear to be a git repository|unable to access|operation too slow|empty reply/i;

/** What a failed git run means, and whether its text names a cause at the remote (if not, the clone itself may be broken). */
export function explainFailure(run: GitRun): { failure: GitFailure; known: boolean } {
  const message = oneLine(run);
  const text = run.stderr;
  if (run.stopped === 'crashed') return { failure: { kind: 'transient', message }, known: false };
  if (run.stopped === 'timed out') return { failure: { kind: 'unreachable', message }, known: true };
  // Whatever else ended it is of this machine: too many processes, a signal. The remote has refused nobody.
  if (run.stopped !== undefined) return { failure: { kind: 'transient', message }, known: true };
  if (TRANSIENT.test(text)) return { failure: { kind: 'transient', message }, known: true };
  if (REFUSED.test(text)) return { failure: { kind: 'refused', message }, known: true };
  return { failure: { kind: 'unreachable', message }, known: UNREACHABLE.test(text) };
}

/** Lines that say nothing about the cause. */
const NOISE = /^(?:hint:|warning:|from |to |please make sure|and the repository exists|\s*$|failed to push some refs)/i;

function oneLine(run: GitRun): string {
  const lines = run.stderr
    .split('\n')
    .map((line) => line.replace(/^(?:remote:|fatal:|error:)\s*/g, '').trim())
    .filter((line) => !NOISE.test(line));
  // The helper's own words come first, git's summary of them last; both matter.
  const said = redact(lines.slice(0, 3).join('; ')).slice(0, 400);
  const seconds = Math.round(run.durationMs / 1000);
  switch (run.stopped) {
    case 'timed out':
      return `git gave no answer within ${seconds} s${said === '' ? '' : `: ${said}`}`;
    case 'closed':
      return 'stopped before git had answered';
    case 'could not start':
      return `git could not be started: ${said}`;
    case 'output too large':
      return 'git said more than 64 MiB; the answer was thrown away';
    case 'killed':
      return 'git was killed before it had answered';
    case 'crashed':
      return `git crashed${said === '' ? '' : `: ${said}`}`;
    default:
      return said === '' ? `git ended with exit status ${run.exitCode ?? '?'} and said nothing` : said;
  }
}

/** What a hook said, or the host instead of one: git's own summary of it is told elsewhere. */
export function remoteWords(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^remote: *(.*?)\s*$/.exec(line)?.[1] ?? []);
  const said = lines.filter((line) => line !== '' && !/^error: hook declined to update /.test(line));
  return redact(said.slice(0, 3).join('; ')).slice(0, 400);
}

/** The text without user names and passwords in URLs, and without tokens in headers. */
export function redact(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"]*@/gi, '$1')
    .replace(/(authorization:\s*)(?:\w+\s+)?\S+/gi, '$1…')
    .replace(/[\p{Cc}]+/gu, ' ');
}
