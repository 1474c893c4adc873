import type { FetchOutcome, GitFailure } from '../port.ts';
import { explainFailure } from './git-failure.ts';
import type { GitRun } from './run-git.ts';

/** A remote that refuses most of many objects is not asked for ever. */
const MAX_REQUESTS = 200;

/**
 * Brings objects in one request. If the remote refuses, one of them is to blame: then the halves are asked for by themselves,
 * so that one missing object does not keep the rest away. What the remote does not have stays missing and is no failure.
 */
export async function fetchObjects(
  oids: readonly string[],
  request: (oids: readonly string[]) => Promise<GitRun>,
): Promise<FetchOutcome> {
  const pending: (readonly string[])[] = oids.length === 0 ? [] : [[...new Set(oids)]];
  let requests = 0;
  let last: GitFailure | null = null;
  for (let batch = pending.shift(); batch !== undefined; batch = pending.shift()) {
    const run = await request(batch);
    if (run.exitCode === 0) continue;
    requests += 1;
    last = explainFailure(run).failure;
    if (!refusesObject(run) || requests >= MAX_REQUESTS) return { ok: false, cause: last };
    if (batch.length > 1) pending.push(batch.slice(0, batch.length / 2), batch.slice(batch.length / 2));
  }
  return { ok: true };
}

function refusesObject(run: GitRun): boolean {
  return run.exitCode !== null && /not our ref/i.test(run.stderr);
}
