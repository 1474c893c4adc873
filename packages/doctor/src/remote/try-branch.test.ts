import type { GitRun } from '@errand/queue';
import { expect, test } from 'vitest';
import type { Tried } from './facts.ts';
import type { Update } from './scratch.ts';
import { tryBranch } from './try-branch.ts';

const IMPOSSIBLE: Update = { ref: 'refs/errand/doctor/x/a/b', to: 'f'.repeat(40), expect: null };
const refused = (reason: string, outrun = false) => ({ state: 'refused', reason, said: '', outrun }) as const;
const OUTRUN = refused('stale info', true);
const FOR_ANOTHER = refused('atomic transaction failed', true);

/** What is told of a branch that moves before each look, where pushes get these answers in turn. */
async function tryAgainst(...answers: Tried[]): Promise<{ told: Tried; leases: (string | null)[] }> {
  const leases: (string | null)[] = [];
  let looks = 0;
  const scratch = {
    fetch: async () => ({ exitCode: 0 }) as GitRun,
    readTip: async () => ({ commit: `tip ${++looks}`, tree: 'tree' }),
    commit: async () => 'empty',
    push: async ([update]: readonly Update[]) => {
      leases.push(update?.expect ?? null);
      return new Map(answers.splice(0, 1).map((answer) => ['refs/heads/main', answer]));
    },
  };
  const control = refused('atomic transaction failed', true);
  return { told: await tryBranch(scratch, 'main', { impossible: IMPOSSIBLE, control, now: Date.now }), leases };
}

test('a branch that moved is looked at again, and only the next answer counts', async () => {
  expect(await tryAgainst(OUTRUN, OUTRUN, FOR_ANOTHER)).toEqual({
    told: { state: 'accepted' },
    leases: ['tip 1', 'tip 2', 'tip 3'],
  });
});

test('one that moves each time was not tested; that is no fault', async () => {
  const { told, leases } = await tryAgainst(OUTRUN, OUTRUN, OUTRUN, OUTRUN);
  expect(told).toMatchObject({ state: 'not tried', why: expect.stringContaining('others pushed') });
  expect(leases).toHaveLength(3);
});

test('what a hook says counts at once, also after the branch moved', async () => {
  const declined = refused('hook declined');
  expect(await tryAgainst(OUTRUN, declined)).toMatchObject({ told: declined, leases: ['tip 1', 'tip 2'] });
});
