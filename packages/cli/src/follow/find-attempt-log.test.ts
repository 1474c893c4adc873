import type { AttemptEntry } from '@errand/task';
import { expect, test } from 'vitest';
import { claimOf, FollowScene, nonceOf, resultOf } from '../rig/follow-scene.ts';
import { logFolder } from './attempt-logs.ts';
import { findAttemptLog, matchLogs } from './find-attempt-log.ts';

const ms = (time: string): number => Date.parse(`2026-11-20T${time}Z`);
const log = (nonce: string, time: string) => ({ nonce, startedMs: ms(time) });

function entry(attempt: number, from: string, to: string, more: Partial<AttemptEntry> = {}): AttemptEntry {
  const times = { started_at: `2026-11-20T${from}Z`, ended_at: `2026-11-20T${to}Z` };
  return { attempt, worker: 'pi', agent: 'command', outcome: 'failed', task: 'b', ...times, ...more };
}

test('an attempt has the log that began while it ran', () => {
  const entries = [entry(1, '09:00:00.000', '09:01:00.000'), entry(4, '10:00:00.000', '10:01:00.000')];
  const logs = [log('a', '09:00:00.020'), log('b', '10:00:00.020'), log('c', '11:00:00.000')];
  expect([...matchLogs(entries, logs)]).toEqual([
    [1, 'a'],
    [4, 'b'],
  ]);
});

test('attempts of the same second keep their order', () => {
  const entries = [entry(1, '09:00:00.000', '09:00:00.100'), entry(2, '09:00:00.200', '09:00:00.300')];
  const logs = [log('a', '09:00:00.010'), log('b', '09:00:00.210')];
  expect([...matchLogs(entries, logs)]).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('attempts that are one entry have the last of their logs', () => {
  const entries = [entry(3, '09:00:00.000', '09:30:00.000', { count: 3 }), entry(4, '09:30:00.500', '09:31:00.000')];
  const logs = [log('a', '09:00:01.000'), log('b', '09:10:00.000'), log('c', '09:29:59.000'), log('d', '09:30:00.600')];
  expect([...matchLogs(entries, logs)]).toEqual([
    [3, 'c'],
    [4, 'd'],
  ]);
});

test('an attempt without a log has none, and a log that does not say when it began belongs to nobody', () => {
  const entries = [entry(1, '09:00:00.000', '09:01:00.000')];
  expect(matchLogs(entries, [log('a', '09:30:00.000'), { nonce: 'b', startedMs: Number.NaN }]).size).toBe(0);
});

test('the attempt that runs, and the one that made the result, are known by their nonces', async () => {
  await using scene = new FollowScene();
  await scene.commit({ 'tasks/running.md': 'x\n' });
  await scene.record('running', claimOf('running', { nonce: nonceOf(7), attempt: 3 }));
  await scene.finish(resultOf('finished', { nonce: nonceOf(8) }));
  for (const id of ['running', 'finished'])
    for (const number of [7, 8]) await scene.log(id, nonceOf(number), '{"type":"started"}');
  const read = await scene.queue.readView();
  if (!read.ok) throw new Error(read.cause.message);
  const find = (id: string, attempt: number) =>
    findAttemptLog(scene.queue, read.view, { id, attempt, me: 'pi', folder: logFolder(scene.stateDir, id) });
  expect(await find('running', 3)).toBe(nonceOf(7));
  expect(await find('finished', 1)).toBe(nonceOf(8));
  expect(await find('running', 1)).toBeNull();
  expect(await find('unknown', 1)).toBeNull();
});
