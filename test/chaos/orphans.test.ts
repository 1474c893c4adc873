import type { WorkerEvent } from '@errand/worker';
import { expect, test } from 'vitest';
import type { Run } from './evidence.ts';
import { Orphans } from './orphans.ts';

const claimed = (id: string): WorkerEvent => ({ type: 'claimed', id, attempt: 1, tier: 'haiku', tierReason: '' });
const run = (id: string, machine: string, attempt: number, startMs = Date.now() + 1): Run => ({
  id,
  attempt,
  machine,
  startMs,
  endMs: null,
});

test('work of a holder that died waits from then until its next attempt, wherever that is', () => {
  const orphans = new Orphans();
  orphans.hear('pi', claimed('a'));
  orphans.hear('pi', claimed('b'));
  orphans.lose('pi', 'died');
  orphans.start(run('a', 'vm', 2, Date.now() + 500));
  orphans.start(run('b', 'pi', 1));
  expect(orphans.pickUps).toMatchObject([
    { id: 'a', loss: 'died' },
    { id: 'b', loss: 'died' },
  ]);
  expect(orphans.pickUps[0]?.tookMs).toBeGreaterThanOrEqual(499);
});

test('an agent that had begun before its holder was struck is no next attempt, however late that is read', () => {
  const orphans = new Orphans();
  orphans.hear('pi', claimed('a'));
  const earlierMs = Date.now();
  orphans.lose('pi', 'died');
  orphans.start(run('a', 'pi', 1, earlierMs));
  expect(orphans.pickUps).toEqual([]);
  orphans.start(run('a', 'vm', 2, Date.now() + 500));
  expect(orphans.pickUps).toMatchObject([{ id: 'a', loss: 'died' }]);
});

test('a holder that was stopped and goes on itself leaves no orphan, and one that dies meanwhile has been missing since it was stopped', () => {
  const orphans = new Orphans();
  for (const id of ['a', 'b', 'c']) orphans.hear('pi', claimed(id));
  orphans.lose('pi', 'stopped');
  orphans.start(run('a', 'pi', 1));
  orphans.hear('pi', { type: 'retrying', id: 'b', reason: '' });
  expect(orphans.heldOn).toBe(2);
  orphans.lose('pi', 'died');
  orphans.start(run('c', 'pi', 1));
  expect(orphans.pickUps).toMatchObject([{ id: 'c', loss: 'died' }]);
});

test('an orphan that is recorded without another attempt is counted apart', () => {
  const orphans = new Orphans();
  orphans.hear('pi', claimed('a'));
  orphans.lose('pi', 'cut off');
  orphans.hear('vm', { type: 'recorded', id: 'a', state: 'failed', byMe: true });
  orphans.start(run('a', 'vm', 2));
  expect([orphans.recordedAsTheyWere, orphans.pickUps]).toEqual([1, []]);
});
