import type { PushedRef } from '../port.ts';

/** The server's words for "someone else was there first": a race lost, not a refusal. */
const RACE =
  /^(?:failed to update ref|failed to lock|cannot lock ref|failed to delete|incorrect old value provided|atomic transaction failed|atomic push fail|reference already exists|fetch first|stale info|remote ref updated)/i;

/**
 * What `git push --porcelain` said of each ref, or null where the answer does not end in `Done`: then it is not definite,
 * and every ref is unknown. Git ends in `Done` also with exit status 1, when the server answered and refused.
 */
export function parsePushAnswer(stdout: string): Map<string, PushedRef> | null {
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.at(-1) !== 'Done') return null;
  const refs = new Map<string, PushedRef>();
  for (const line of lines) {
    const row = /^([ +\-*!=])\t[^\t]*?:([^\t:]+)\t(.*)$/.exec(line);
    if (row === null) continue;
    const [, flag, ref, summary] = row as unknown as [string, string, string, string];
    refs.set(ref, pushedRef(flag, summary));
  }
  return refs;
}

function pushedRef(flag: string, summary: string): PushedRef {
  if (flag === '=') return { state: 'rejected', reason: 'up to date' };
  if (flag !== '!') return { state: 'accepted' };
  const words = /^\[([^\]]*)\](?: \((.*)\))?$/.exec(summary);
  const [said, reason] = [words?.[1] ?? summary, words?.[2] ?? ''];
  if (said === 'rejected') return { state: 'rejected', reason };
  if (said === 'remote rejected') return { state: RACE.test(reason) ? 'rejected' : 'declined', reason };
  return { state: 'unknown' };
}
