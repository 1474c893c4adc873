import { join } from 'node:path';
import type { Desk } from './desk.ts';
import { explainRemoteFailure, firstLines } from './explain-failure.ts';
import type { WorktreePlace } from './git-worktree.ts';
import { readRemoteRef } from './read-remote.ts';
import type { GitRun } from './run-git.ts';
import type { Delivered } from './worktree.ts';

const PUSH_MS = 20 * 60_000;

/**
 * Pushes a commit as the branch, which must not exist: an empty lease says so to the server. What the push itself cannot
 * tell, an answer that was lost or a branch that is there already, a look at the remote does.
 */
export async function deliverBranch(desk: Desk, { kept, branch, request }: WorktreePlace, tip: string): Promise<Delivered> {
  const ref = `refs/heads/${branch}`;
  const place = { objects: join(kept.cache, 'objects') };
  const push = await desk.remote(request.remote, place, PUSH_MS, (name) => [
    'push',
    '--porcelain',
    '--no-verify',
    `--force-with-lease=${ref}:`,
    name,
    `${tip}:${ref}`,
  ]);
  const answer = readAnswer(push, ref);
  if (answer.state === 'accepted') return { ok: true };

  const seen = await readRemoteRef(desk, request.remote, ref);
  if (seen.ok && seen.oid === tip) return { ok: true };
  if (seen.ok && seen.oid !== null) {
    return { ok: false, cause: 'refused', message: `the branch ${branch} is there already, at ${seen.oid}` };
  }
  if (answer.state === 'rejected') return { ok: false, cause: 'refused', message: `${branch} was refused: ${answer.reason}` };
  const failure = push.exitCode === 0 && !seen.ok ? seen : explainRemoteFailure(push, request.remote);
  const cause = failure.cause === 'failed' ? 'refused' : 'unavailable';
  return { ok: false, cause, message: `${branch} was not delivered: ${failure.message}` };
}

type Answer = { state: 'accepted' } | { state: 'rejected'; reason: string } | { state: 'unknown' };

/** An answer is whole only if it ends in `Done`; `=` says that someone has pushed this commit before, which a look confirms. */
function readAnswer(push: GitRun, ref: string): Answer {
  const lines = push.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  if (lines.at(-1) !== 'Done') return { state: 'unknown' };
  const row = lines.map((line) => line.split('\t')).find(([, pair]) => pair?.endsWith(`:${ref}`) === true);
  if (row === undefined || row[0] === '=') return { state: 'unknown' };
  if (row[0] !== '!') return { state: 'accepted' };
  const said = firstLines(push.stderr);
  return { state: 'rejected', reason: [row[2] ?? '', said].filter((part) => part !== '').join(': ') };
}
