import type { PushedRef, PushOutcome, RefUpdate } from '../port.ts';
import { explainFailure, remoteWords } from './git-failure.ts';
import { type GitSession, REMOTE } from './git-session.ts';
import { parsePushAnswer } from './parse-push.ts';

/**
 * Sends updates in one push, each under its lease, and reads the answer. An update that changes nothing is rejected unsent.
 * `suspicious`: it failed for no reason that is known of remotes, so perhaps for an object here that cannot be read.
 */
export async function pushRefs(
  session: GitSession,
  dir: string,
  updates: readonly RefUpdate[],
  atomic: boolean,
): Promise<{ outcome: PushOutcome; suspicious: boolean }> {
  const idle = updates.filter((update) => update.to === update.expect);
  const sent = atomic && idle.length > 0 ? [] : updates.filter((update) => update.to !== update.expect);
  const refs = new Map<string, PushedRef>(
    updates.map(({ ref }) => [ref, { state: 'rejected', reason: 'nothing to change' }] as const),
  );
  if (sent.length === 0) return { outcome: { refs, ok: updates.length === 0 }, suspicious: false };

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
  const outcome = { refs, ok: states.every((state) => state === 'accepted') };
  const said = states.includes('declined') ? remoteWords(run.stderr) : '';
  if (!states.includes('unknown')) return { outcome: said === '' ? outcome : { ...outcome, said }, suspicious: false };
  const { failure, known } = explainFailure(run);
  return { outcome: { ...outcome, cause: failure }, suspicious: !known };
}
