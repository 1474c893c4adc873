import { COORDINATION } from '@errand/queue';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { removeLeftovers } from '../remote/clean-up.ts';
import { DOCTOR_REFS } from '../remote/doctor-refs.ts';
import type { RemoteFacts } from '../remote/facts.ts';

/** A push takes 24 ms with a thousand refs on the remote, 108 with twenty thousand. */
const MANY_REFS = 1_000;

/** How many coordination refs there are, and what earlier doctors left. */
export const refCount: Check = {
  name: 'refs',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    if (facts === null || facts.away !== null) return [];
    return [...judgeRefCount(facts), ...judgeLeftovers(facts, context.env)];
  },
};

export function judgeRefCount({ look }: RemoteFacts): Found[] {
  const refs = look.refs.filter(({ name }) => name.startsWith(COORDINATION) && !name.startsWith(DOCTOR_REFS));
  if (refs.length <= MANY_REFS) return ok(refs.length === 1 ? 'one coordination ref' : `${refs.length} coordination refs`);
  const tasks = refs.filter(({ name }) => name.startsWith(`${COORDINATION}tasks/`)).length;
  return [
    {
      state: 'warning',
      what: `${refs.length} coordination refs, ${tasks} of them of tasks`,
      why: `every push gets slower beyond ${MANY_REFS}; workers remove what is left over, so perhaps none runs`,
      remedy: 'See that a worker runs, and what is open:',
      command: 'errand status',
    },
  ];
}

export function judgeLeftovers({ leftovers, remote }: RemoteFacts, env: NodeJS.ProcessEnv): Found[] {
  if (leftovers.length === 0) return [];
  const many = leftovers.length === 1 ? 'a ref' : `${leftovers.length} refs`;
  return [
    {
      state: 'note',
      what: `${many} of a doctor that ended early`,
      why: `${leftovers[0]?.name ?? ''} has no use any more`,
      remedy: 'Remove what it left:',
      command: 'errand doctor --fix',
      repair: async () => {
        const { removed, why } = await removeLeftovers({ remote, env }, leftovers);
        if (why !== null) return { ok: false, why };
        return { ok: true, did: `removed ${removed === 1 ? 'one ref' : `${removed} refs`} under ${DOCTOR_REFS}` };
      },
    },
  ];
}
