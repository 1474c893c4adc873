import type { Desk, ObjectFormat } from './desk.ts';
import { explainRemoteFailure, type RemoteFailure } from './explain-failure.ts';
import type { Remote } from './find-remote.ts';
import { hideSecrets } from './remote-address.ts';

/** What to start from, as the remote names it. */
export interface RemoteBase {
  ok: true;
  /** A ref of the remote; null where the base is a commit by its name. */
  ref: string | null;
  format: ObjectFormat;
}

/** Asks the remote what the base is: a branch before a tag before a commit; null is what its HEAD names. */
export async function readRemoteBase(desk: Desk, remote: Remote, base: string | null): Promise<RemoteBase | RemoteFailure> {
  const wanted =
    base === null ? ['HEAD'] : [`refs/heads/${base}`, `refs/tags/${base}`, ...(base.startsWith('refs/') ? [base] : [])];
  const run = await desk.remote(remote, {}, (name) => ['ls-remote', name, 'HEAD', ...wanted]);
  if (run.exitCode !== 0) return explainRemoteFailure(run, remote.address);
  const refs = parseRefs(run.stdout.toString('utf8'));
  const anyOid = [...refs.values()][0] ?? base ?? '';
  const format = anyOid.length === 64 ? 'sha256' : 'sha1';
  const ref = wanted.find((name) => refs.has(name));
  if (ref !== undefined) return { ok: true, ref, format };
  if (base !== null && /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/.test(base)) return { ok: true, ref: null, format };
  return base === null ? noDefaultBranch(remote.address) : noSuchBase(remote.address, base);
}

/** The branches of the remote whose name begins with `branch`, and their oids. */
export async function readRemoteBranches(
  desk: Desk,
  remote: Remote,
  branch: string,
): Promise<{ ok: true; branches: Map<string, string> } | RemoteFailure> {
  const run = await desk.remote(remote, {}, (name) => ['ls-remote', name, `refs/heads/${branch}*`]);
  if (run.exitCode !== 0) return explainRemoteFailure(run, remote.address);
  const refs = [...parseRefs(run.stdout.toString('utf8'))].filter(([name]) => name.startsWith('refs/heads/'));
  return { ok: true, branches: new Map(refs.map(([name, oid]) => [name.slice('refs/heads/'.length), oid])) };
}

export function noSuchBase(remote: string, base: string): RemoteFailure {
  return {
    ok: false,
    cause: 'failed',
    message: `${hideSecrets(remote)} has no branch, tag or commit ${base}`,
    hint: 'Check base: in the task, or push it there.',
  };
}

function noDefaultBranch(remote: string): RemoteFailure {
  return {
    ok: false,
    cause: 'failed',
    message: `${hideSecrets(remote)} has no commit to start from: it is empty, or its HEAD names a branch that is not there`,
    hint: 'Push a first commit, or name a branch in base:.',
  };
}

/** A pattern of ls-remote matches the ends of names too; only whole names are looked up. */
function parseRefs(text: string): Map<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const row = /^([0-9a-f]{40}|[0-9a-f]{64})\t(.+)$/.exec(line);
    return row === null ? [] : [[row[2] as string, row[1] as string] as const];
  });
  return new Map(rows);
}
