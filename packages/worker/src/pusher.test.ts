import type { GitPort, PushedRef, PushOutcome, RefUpdate } from '@errand/queue';
import { expect, test } from 'vitest';
import type { WorkerEvent } from './events.ts';
import { PushBudget } from './push-budget.ts';
import { Pusher } from './pusher.ts';

const update = (ref: string): RefUpdate => ({ ref, to: `new-${ref}`, expect: null });

/** A pusher of four refs at most, whose server takes everything but `lost`. */
function open(lost: readonly string[] = []) {
  const pushes: string[][] = [];
  const events: WorkerEvent[] = [];
  const push = async (updates: readonly RefUpdate[]): Promise<PushOutcome> => {
    pushes.push(updates.map(({ ref }) => ref));
    const states = updates.map(({ ref }): [string, PushedRef] => [
      ref,
      lost.includes(ref) ? { state: 'rejected', reason: 'stale info' } : { state: 'accepted' },
    ]);
    return { refs: new Map(states), ok: states.every(([, { state }]) => state === 'accepted') };
  };
  const clock = { wallMs: () => 0, elapsedMs: () => 0 };
  const pusher = new Pusher({ push } as unknown as GitPort, (event) => events.push(event), new PushBudget(clock), 4);
  const settled: (string | undefined)[] = [];
  const along = (...refs: string[]): void =>
    pusher.along({
      purpose: 'park',
      updates: refs.map(update),
      settle: (outcome) => settled.push(...refs.map((ref) => outcome.refs.get(ref)?.state)),
    });
  return { pusher, pushes, events, settled, along };
}

test('what wins or loses alone goes along with the next push of claims, and learns what became of it', async () => {
  const { pusher, pushes, settled, along } = open(['b']);
  along('a');
  along('b');
  await pusher.push('claim', [update('beat'), update('c')]);
  await pusher.flush();
  expect(pushes).toEqual([['beat', 'c', 'a', 'b']]);
  expect([settled, pusher.count]).toEqual([['accepted', 'rejected'], 1]);
});

test('a push that is all or nothing, or no claim, takes nobody along', async () => {
  const { pusher, pushes, events, along } = open();
  along('a');
  await pusher.push('claim', [update('main')], { atomic: true });
  await pusher.push('heartbeat', [update('beat')]);
  await pusher.flush();
  await pusher.flush();
  expect(pushes).toEqual([['main'], ['beat'], ['a']]);
  expect(events.flatMap((event) => (event.type === 'push-ended' ? [event.purpose] : []))).toEqual(['claim', 'heartbeat', 'park']);
});

test('a push that is full leaves the rest to the next', async () => {
  const { pusher, pushes, along } = open();
  along('a', 'b', 'c');
  along('d');
  await pusher.push('claim', [update('beat'), update('e')]);
  await pusher.push('claim', [update('beat')]);
  expect(pushes).toEqual([
    ['beat', 'e', 'd'],
    ['beat', 'a', 'b', 'c'],
  ]);
});
