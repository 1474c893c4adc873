import { join } from 'node:path';
import { chooseBranch, isNameOf } from './branch-names.ts';
import type { Desk } from './desk.ts';
import { explainRemoteFailure, firstLines } from './explain-failure.ts';
import type { Remote } from './find-remote.ts';
import { readRemoteBranches } from './read-remote.ts';
import type { GitRun } from './run-git.ts';
import type { Delivered } from './worktree.ts';

const PUSH_MS = 20 * 60_000;
/** Each was taken between a look and a push: more than that is no accident. */
const MAX_NAMES = 10;

export interface Delivery {
  remote: Remote;
  /** The clone whose objects are pushed. */
  cache: string;
  tip: string;
  /** `errand/<id>/<attempt>`. */
  first: string;
  /** The name to begin with: `first`, or that with a number behind it. */
  branch: string;
}

/**
 * Pushes a commit as a branch that must not exist: an empty lease says so to the server; where it does, as the next name
 * that is free. What the push itself cannot tell, an answer that was lost or a branch that is there already, a look at the
 * remote does. Gives the name that it came to, also where it failed.
 */
export async function deliverBranch(desk: Desk, delivery: Delivery): Promise<{ branch: string; delivered: Delivered }> {
  const { remote, tip, first } = delivery;
  let { branch } = delivery;
  for (let names = 1; ; names++) {
    const ref = `refs/heads/${branch}`;
    const push = await pushAs(desk, delivery, ref);
    const answer = readAnswer(push, ref);
    if (answer.state === 'accepted') return { branch, delivered: { ok: true } };

    const seen = await readRemoteBranches(desk, remote, first);
    const there = seen.ok ? [...seen.branches].filter(([name]) => isNameOf(first, name)) : [];
    const ours = there.find(([name, oid]) => name === branch && oid === tip) ?? there.find(([, oid]) => oid === tip);
    if (ours !== undefined) return { branch: ours[0], delivered: { ok: true } };
    const free = seen.ok ? chooseBranch(first, [...seen.branches.keys()]) : branch;
    const taken = seen.ok && chooseBranch(branch, [...seen.branches.keys()]) !== branch;
    if (taken && names < MAX_NAMES) {
      branch = free;
      continue;
    }
    if (taken) return { branch, delivered: refused(`the branch ${branch} is there already, and so were those before it`) };
    if (answer.state === 'rejected') return { branch, delivered: refused(`${branch} was refused: ${answer.reason}`) };
    if (desk.ended) {
      const message = `${branch} was not delivered: the push was ended before the answer was there`;
      return { branch, delivered: { ok: false, cause: 'unavailable', message } };
    }
    const failure = push.exitCode === 0 && !seen.ok ? seen : explainRemoteFailure(push, remote.address);
    const cause = failure.cause === 'failed' ? 'refused' : 'unavailable';
    return { branch, delivered: { ok: false, cause, message: `${branch} was not delivered: ${failure.message}` } };
  }
}

function refused(message: string): Delivered {
  return { ok: false, cause: 'refused', message };
}

function pushAs(desk: Desk, { remote, cache, tip }: Delivery, ref: string): Promise<GitRun> {
  const place = { objects: join(cache, 'objects') };
  const lease = `--force-with-lease=${ref}:`;
  return desk.remote(remote, place, (name) => ['push', '--porcelain', '--no-verify', lease, name, `${tip}:${ref}`], PUSH_MS);
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
