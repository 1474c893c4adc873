import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Person, pathRemote, temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { Beats } from './beats.ts';

test('a beat counts from when the server took it, and only for the machine whose it is', async () => {
  await using folder = temporaryDirectory();
  await using remote = await pathRemote();
  const pi = await Person.clone(remote, join(folder.path, 'pi'));
  await pi.git('commit', '--quiet', '--allow-empty', '--message=a beat');
  const beats = await Beats.keep(remote.repository, ['pi', 'vm']);
  expect(beats.hasBeaten('pi')).toBe(false);
  const beforeMs = Date.now();
  await pi.git('push', '--quiet', 'origin', 'HEAD:refs/errand/workers/pi');
  const afterMs = Date.now();
  expect([beats.hasBeaten('pi'), beats.hasBeaten('vm')]).toEqual([true, false]);
  const [fromMs, toMs] = [afterMs, afterMs + 9_000];
  expect(beats.silentMs('pi', fromMs, toMs)).toBeGreaterThanOrEqual(9_000);
  expect(beats.silentMs('pi', fromMs, toMs)).toBeLessThanOrEqual(toMs - beforeMs + 1_000);
  expect(beats.silentMs('vm', fromMs, toMs)).toBe(Number.POSITIVE_INFINITY);
});

test('silence is the longest between two beats, also one that is over again, or began before', async () => {
  await using remote = await pathRemote();
  const beats = await Beats.keep(remote.repository, ['pi']);
  const log = join(remote.repository.dir, 'logs/refs/errand/workers/pi');
  const oid = '1'.repeat(40);
  for (const second of [100, 103, 112, 114]) appendFileSync(log, `${oid} ${oid} Pi <pi@localhost> ${second} +0000\tpush\n`);
  const silent = (fromMs: number, toMs: number): number => beats.silentMs('pi', fromMs, toMs);
  expect([silent(100_500, 103_200), silent(101_000, 115_000), silent(111_000, 114_500), silent(114_000, 120_000)]).toEqual([
    3_200, 10_000, 10_000, 6_000,
  ]);
});
