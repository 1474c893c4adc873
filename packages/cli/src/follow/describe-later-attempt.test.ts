import type { AttemptEntry, Record } from '@errand/task';
import { expect, test } from 'vitest';
import { claimOf, FollowScene, nonceOf, resultOf } from '../rig/follow-scene.ts';
import { describeLaterAttempt } from './describe-later-attempt.ts';

const entry = { agent: 'command', ended_at: '2026-11-20T09:03:12.000Z', outcome: 'failed', task: 'a'.repeat(40) } as const;
const here: AttemptEntry = { ...entry, attempt: 1, worker: 'pi' };
const elsewhere: AttemptEntry = { ...entry, attempt: 2, worker: 'nas' };
const RAN = 'this is an earlier attempt: attempt 2 ran on nas. See errand logs moved --attempt 2';

/** As `errand logs moved` on `pi` would, after a look at the queue. */
async function describe(scene: FollowScene): Promise<string | null> {
  expect(await scene.queue.readView()).toMatchObject({ ok: true });
  scene.remote.beforeRequest = () => Promise.reject(new Error('nobody is to be asked'));
  return describeLaterAttempt(scene.queue, 'moved', 'pi');
}

test.each<[string, Record, string | null]>([
  ['runs elsewhere', claimOf('moved', { attempt: 2, worker: 'nas', attempts: [here] }), RAN.replace('ran', 'runs')],
  ['runs here', claimOf('moved', { attempt: 3, worker: 'pi', attempts: [here, elsewhere] }), null],
  ['ran elsewhere', waiting([here, elsewhere]), RAN],
  [
    'ran here',
    waiting([
      { ...elsewhere, attempt: 1 },
      { ...here, attempt: 2 },
    ]),
    null,
  ],
])('an open task whose last attempt %s', async (_, record, said) => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/moved.md': 'x\n' });
  await scene.record('moved', record);
  expect(await describe(scene)).toBe(said);
});

test('a result that this machine has not read may tell of an attempt elsewhere', async () => {
  await using scene = new FollowScene();
  await scene.finish(resultOf('moved'));
  expect(await describe(scene)).toMatch(/^its result is not on this machine: .* See errand show moved$/);
});

test('nothing is said of a task that this machine has seen nothing of', async () => {
  await using scene = new FollowScene();
  expect(await describeLaterAttempt(scene.queue, 'moved', 'pi')).toBeNull();
  await scene.commit({ 'tasks/other.md': 'x\n' });
  expect(await describe(scene)).toBeNull();
});

function waiting(attempts: AttemptEntry[]): Record {
  const { schema, id, nonce, task } = claimOf('moved', { nonce: nonceOf(3) });
  return { schema, id, nonce, task, state: 'waiting', reason: 'failed on pi', attempts };
}
