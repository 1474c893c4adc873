import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import type { RemoteFacts } from '../remote/facts.ts';
import { serverSaid } from '../remote/say-why.ts';
import { gitThere } from '../remote/server-command.ts';

/** Are several refs moved all together or not at all. */
export const atomic: Check = {
  name: 'atomic',
  limitMs: 120_000,
  look: async (context) => {
    const facts = await context.remote();
    return facts === null ? [] : judgeAtomic(facts);
  },
};

const WHY = 'a result and the end of its claim go in one push, or a task could run twice or be lost';

export function judgeAtomic({ atomicHalf, remote }: RemoteFacts): Found[] {
  switch (atomicHalf.state) {
    case 'not tried':
      return [];
    case 'refused':
      return ok('several refs are moved together or not at all');
    case 'accepted':
      return [
        {
          state: 'fault',
          what: 'of an atomic push the remote took one half',
          why: WHY,
          remedy: 'Use another git server: this one says that it can, and does not.',
        },
      ];
    case 'unknown': {
      const { where, command } = gitThere(remote, ['config', 'receive.advertiseAtomic', 'true']);
      return [
        {
          state: 'fault',
          what: 'the remote does not do atomic pushes',
          why: `${WHY}; git says: ${serverSaid(atomicHalf)}`,
          remedy: `${where}, allow them (the default of git):`,
          command,
        },
      ];
    }
  }
}
