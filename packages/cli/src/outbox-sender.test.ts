import type { FlushOutcome, Queue } from '@errand/queue';
import { expect, test } from 'vitest';
import { sendUntilEmpty } from './outbox-sender.ts';

const AWAY: FlushOutcome = { ok: false, sent: [], pending: ['a'], cause: { kind: 'unreachable', message: 'no route' } };

function queueThat(outcomes: FlushOutcome[], isEmpty = () => false): Pick<Queue, 'flushOutbox' | 'outbox'> {
  const flushOutbox = async (): Promise<FlushOutcome> => outcomes.shift() ?? AWAY;
  return { flushOutbox, outbox: { isEmpty: async () => isEmpty() } as Queue['outbox'] };
}

function pace(patienceMs: number) {
  const pauses: number[] = [];
  let now = 0;
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    now += ms;
  };
  return { pauses, options: { patienceMs, firstPauseMs: 1000, longestPauseMs: 4000, sleep, now: () => now, random: () => 1 } };
}

test('it tries until the remote is back, with pauses that grow to a limit', async () => {
  const { pauses, options } = pace(60_000);
  const outcomes: FlushOutcome[] = [AWAY, AWAY, AWAY, AWAY, { ok: true, sent: ['a'] }];
  expect(await sendUntilEmpty(queueThat(outcomes), options)).toEqual({ ok: true, sent: ['a'] });
  expect(pauses).toEqual([1000, 2000, 4000, 4000]);
});

test('it gives up when its patience ends', async () => {
  const { pauses, options } = pace(5000);
  expect(await sendUntilEmpty(queueThat([]), options)).toEqual(AWAY);
  expect(pauses).toEqual([1000, 2000, 4000]);
});

test('it ends when somebody else has sent everything, or the folder is gone', async () => {
  const { pauses, options } = pace(60_000);
  let looks = 0;
  expect(
    await sendUntilEmpty(
      queueThat([], () => ++looks > 2),
      options,
    ),
  ).toEqual({ ok: true, sent: [] });
  expect(pauses).toHaveLength(2);
});
