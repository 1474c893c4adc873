import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@errand/testing';
import { expect, test } from 'vitest';
import { Pauses } from './pauses.ts';

const limit = { about: 'limit', untilMs: 2_000, reason: 'five_hour limit' } as const;

test('a paused agent is paused until then, also after a restart', async () => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'pauses.json');
  await new Pauses(path).set('claude', limit, 1_000);
  const pauses = new Pauses(path);
  await pauses.load();
  expect([...pauses.active(1_999)]).toEqual([['claude', { until: 2_000, reason: 'five_hour limit' }]]);
  expect([...pauses.active(2_000)]).toEqual([]);
});

test('a pause that is prolonged is the same trouble, until the agent has worked or another trouble comes', async () => {
  await using folder = temporaryDirectory();
  const pauses = new Pauses(join(folder.path, 'pauses.json'));
  expect(await pauses.set('claude', limit, 1_000)).toBe(true);
  expect(await pauses.set('claude', { ...limit, untilMs: 5_000 }, 2_000)).toBe(false);
  expect(await pauses.set('claude', { ...limit, about: 'login' }, 3_000)).toBe(true);
  expect(await pauses.clear('claude', 3_000)).toBe(false);
  expect(await pauses.clear('claude', 3_001)).toBe(true);
  expect([...pauses.active(0)]).toEqual([]);
  expect(await pauses.set('claude', limit, 4_000)).toBe(true);
});

test('a pause that was made while the clock was years ahead is none', async () => {
  await using folder = temporaryDirectory();
  const pauses = new Pauses(join(folder.path, 'pauses.json'));
  await pauses.set('claude', { ...limit, untilMs: Date.UTC(2036) }, Date.UTC(2035, 11));
  expect([...pauses.active(Date.UTC(2026, 10, 20))]).toEqual([]);
});

test.each(['', '[', '3', 'null', '{"claude": 3}'])('what is damaged is forgotten: %j', async (text) => {
  await using folder = temporaryDirectory();
  const path = join(folder.path, 'pauses.json');
  await writeFile(path, text);
  const pauses = new Pauses(path);
  await pauses.load();
  expect([...pauses.active(0)]).toEqual([]);
});
