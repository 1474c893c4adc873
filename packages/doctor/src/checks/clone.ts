import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';

/** Can the queue be read with the private clone of this machine. */
export const clone: Check = {
  name: 'clone',
  limitMs: 60_000,
  look: async (context) => {
    const facts = await context.remote();
    if (facts === null || facts.away !== null) return [];
    const look = await context.view();
    if (look === null) return [];
    if (!look.ok) {
      const remedy = 'Run it again; where it stays, remove the folder clone in it: it is made anew by itself.';
      return [
        {
          state: 'fault',
          what: `the queue cannot be read here: ${look.message}`,
          why: `the clone is in ${context.queueDir}`,
          remedy,
        },
      ];
    }
    return look.remade === null ? ok('the private clone is sound') : judgeRemade(look.remade);
  },
};

/** Every command mends it as it looks, and so did the doctor. */
function judgeRemade(reason: string): Found[] {
  return [
    {
      state: 'note',
      what: 'the private clone was damaged',
      why: reason,
      did: 'it was made anew by this look, as by that of any command: nothing that must survive is in it',
    },
  ];
}
