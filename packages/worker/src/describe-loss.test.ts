import { noObservations, type RescuedClaim, type RescueReason } from '@errand/planner';
import type { Heartbeat } from '@errand/task';
import { expect, test } from 'vitest';
import { describeLoss } from './describe-loss.ts';

const heartbeat = { machine: 'pi', at: '2026-11-20T09:00:00.123Z' } as Heartbeat;
const watched = { oid: 'h', since: 10_000, ttlMs: 180_000 };
const observations = { ...noObservations, last: { seq: 1, at: 200_000 }, workers: new Map([['pi', watched]]) };
const lose = (reason: RescueReason) =>
  describeLoss({ id: 'a', reason, record: { worker: 'pi', attempt: 2 } } as RescuedClaim, {
    by: 'vm',
    heartbeat: reason === 'absent' ? null : heartbeat,
    observations,
  });

test.each<[RescueReason, string]>([
  ['stale', 'nothing was heard of pi after 2026-11-20 09:00:00 UTC: vm watched for 3m 10s and freed the task'],
  ['absent', 'pi had no heartbeat: vm watched for 3m 10s and freed the task'],
  ['tombstone', 'pi was given up at 2026-11-20 09:00:00 UTC, and vm freed the task'],
  ['stopped', 'the worker on pi had ended by 2026-11-20 09:00:00 UTC, and vm freed the task'],
  ['unlisted', 'the worker on pi did not know of it any more, and vm freed the task'],
])('a claim of a machine that is %s: since when, who freed it, and where the rest is', (reason, why) => {
  expect(lose(reason)).toEqual({ why, where: 'what it made, if anything, stays on pi (errand logs a --attempt 2)' });
});
