import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { remedyPlace } from '../remote/remedy-place.ts';
import { explainRefusal, serverSaid } from '../remote/say-why.ts';

/** Does the server refuse a push whose expectation is broken while it is on its way, and may a ref be replaced. */
export const leases: Check = {
  name: 'leases',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null ? [] : judgeLeases(facts);
  },
};

const REPLACE = 'move refs under refs/errand/ to commits with another history (with gitolite: RW+)';

export function judgeLeases({ replace, staleUpdate, staleCreate, remote }: RemoteFacts): Found[] {
  if (replace.state === 'not tried') return [];
  if (replace.state !== 'accepted') {
    return [
      {
        state: 'fault',
        what: 'a ref under refs/errand/ cannot be moved to a commit with another history',
        why: `a heartbeat has no history, so a worker could beat once and never again; the answer was: ${serverSaid(replace)}`,
        ...explainRefusal(replace, { what: `refs/errand/, and to ${REPLACE}`, remote: remedyPlace(remote) }),
      },
    ];
  }
  const broken = [staleUpdate, staleCreate].filter(({ state }) => state === 'accepted');
  if (broken.length > 0) {
    return [
      {
        state: 'fault',
        what: 'the remote took a push that was out of date',
        why: 'two workers could both believe that a task is theirs: leases (--force-with-lease) must be kept by the server itself',
        remedy: 'Use another git server: what stands between (a proxy, a mirror) must not answer for it.',
      },
    ];
  }
  const open = [staleUpdate, staleCreate].find(({ state }) => state !== 'refused');
  if (open === undefined) return ok('a push that is out of date is refused, also in the last moment');
  return [{ state: 'note', what: 'whether a push that is out of date is refused was not seen', why: serverSaid(open) }];
}
