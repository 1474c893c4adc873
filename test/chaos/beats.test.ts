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
  const atMs = afterMs + 9_000;
  expect(beats.silentMs('pi', atMs)).toBeLessThanOrEqual(atMs - beforeMs);
  expect(beats.silentMs('pi', atMs)).toBeGreaterThanOrEqual(8_000);
  expect(beats.silentMs('vm', atMs)).toBe(Number.POSITIVE_INFINITY);
});

test('silence is never told longer than it was: a beat counts from the end of its second, and none from later', async () => {
  await using remote = await pathRemote();
  const beats = await Beats.keep(remote.repository, ['pi']);
  const log = join(remote.repository.dir, 'logs/refs/errand/workers/pi');
  const oid = '1'.repeat(40);
  for (const second of [100, 110, 120]) appendFileSync(log, `${oid} ${oid} Pi <pi@localhost> ${second} +0000\tpush\n`);
  expect([109_999, 110_000, 110_999, 119_999].map((atMs) => beats.silentMs('pi', atMs))).toEqual([8_999, 0, 0, 8_999]);
});
