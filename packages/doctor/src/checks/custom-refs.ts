import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { remedyPlace, unhideRefs } from '../remote/remedy-place.ts';
import { explainRefusal, serverSaid } from '../remote/say-why.ts';

/** Are refs under refs/errand/ taken, and shown again. */
export const customRefs: Check = {
  name: 'custom-refs',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null || facts.away !== null ? [] : judgeCustomRefs(facts);
  },
};

const WHY = 'workers agree on who does what through refs of that kind, and no ordinary clone sees them';

export function judgeCustomRefs({ create, readBack, remote }: RemoteFacts): Found[] {
  if (create.state !== 'accepted') {
    // Where the whole push was turned away there is no answer for the ref.
    const what =
      create.state === 'refused'
        ? 'the remote does not take refs under refs/errand/'
        : 'the remote can be read, and a push to it does not get through';
    return [
      {
        state: 'fault',
        what,
        why: `${WHY}; the answer was: ${serverSaid(create)}`,
        ...explainRefusal(create, { what: 'refs/errand/', remote: remedyPlace(remote) }),
      },
    ];
  }
  if (readBack === 'yes') return ok('refs under refs/errand/ are taken and shown again');
  return [
    {
      state: 'fault',
      what: 'the remote takes refs under refs/errand/, and does not show them again',
      why: WHY,
      ...unhideRefs(remote),
    },
  ];
}
