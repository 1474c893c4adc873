import type { PushedRef, PushOutcome, RefUpdate } from '../port.ts';
import { explainFailure } from './git-failure.ts';
import { type GitSession, REMOTE } from './git-session.ts';
import { parsePushAnswer } from './parse-push.ts';

/** Sends updates in one push, each under its lease, and reads the answer. An update that changes nothing is rejected unsent. */
export async function pushRefs(
  session: GitSession,
  dir: string,
  updates: readonly RefUpdate[],
  atomic: boolean,
): Promise<PushOutcome> {
  const idle = updates.filter((update) => update.to === update.expect);
  const sent = atomic && idle.length > 0 ? [] : updates.filter((update) => update.to !== update.expect);
  const refs = new Map<string, PushedRef>(
    updates.map(({ ref }) => [ref, { state: 'rejected', reason: 'nothing to change' }] as const),
  );
  if (sent.length === 0) return { refs, ok: updates.length === 0 };

  const run = await session.push(dir, [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-thin',
    ...(atomic ? ['--atomic'] : []),
    ...sent.map(({ ref, expect }) => `--force-with-lease=${ref}:${expect ?? ''}`),
    REMOTE,
    ...sent.map(({ ref, to }) => `${to ?? ''}:${ref}`),
  ]);
  const answer = run.exitCode === null ? null : parsePushAnswer(run.stdout);
  for (const { ref } of sent) refs.set(ref, answer?.get(ref) ?? { state: 'unknown' });
  const states = [...refs.values()].map(({ state }) => state);
  const cause = states.includes('unknown') ? { cause: explainFailure(run).failure } : {};
  return { refs, ok: states.every((state) => state === 'accepted'), ...cause };
}
