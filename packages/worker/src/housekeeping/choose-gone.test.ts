import { expect, test } from 'vitest';
import { chooseGone } from './choose-gone.ts';
import type { Holding } from './holding.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = 1_000 * DAY_MS;
const LIMITS = { workspaces: 7, undelivered: 7, transcripts: 30, logs: 30, repos: 30, clones: 30, results: 180, leftovers: 1 };
const ROOM = 1000;

const held = (path: string, ageMs: number, bytes: number, more: Partial<Holding> = {}): Holding => ({
  kind: 'workspaces',
  path,
  usedAtMs: NOW - ageMs,
  ageMs,
  limitMs: LIMITS[more.kind ?? 'workspaces'] * DAY_MS,
  bytes,
  needed: false,
  remove: async () => true,
  ...more,
});
const goneOf = (holdings: Holding[]): string[] => chooseGone(holdings, ROOM, NOW).gone.map(({ path }) => path);

test('what has reached the age of its kind goes, oldest first, and what is needed stays', () => {
  const holdings = [
    held('week', 7 * DAY_MS, 1),
    held('young', 7 * DAY_MS - 1, 1),
    held('needed', 400 * DAY_MS, 1, { needed: true }),
    held('log', 8 * DAY_MS, 1, { kind: 'logs' }),
    held('old-log', 31 * DAY_MS, 1, { kind: 'logs' }),
    held('result', 179 * DAY_MS, 1, { kind: 'results' }),
    held('run', DAY_MS, 1, { limitMs: DAY_MS }),
  ];
  expect(goneOf(holdings)).toEqual(['old-log', 'week', 'run']);
});

test('what is not known to be as old as its date says stays', () => {
  expect(goneOf([held('ancient', 20_000 * DAY_MS, 1, { kind: 'results', ageMs: 0 })])).toEqual([]);
});

test('beyond the room for all of it, what was used longest ago goes first, whatever its kind', () => {
  const holdings = [
    held('a', 5 * DAY_MS, 400),
    held('b', 6 * DAY_MS, 400, { kind: 'repos' }),
    held('c', 4 * DAY_MS, 400, { kind: 'logs' }),
    held('d', 2 * HOUR_MS, 400),
  ];
  expect(goneOf(holdings)).toEqual(['b', 'a']);
});

test('what is needed or an hour young is not pushed out, and that it is too much is told', () => {
  const holdings = [held('needed', DAY_MS, 900, { needed: true }), held('young', HOUR_MS - 1, 900), held('old', DAY_MS, 50)];
  expect(chooseGone(holdings, ROOM, NOW)).toMatchObject({ gone: [{ path: 'old' }], bytesLeft: 1800, tooMuch: true });
});

test('results that exist nowhere else are pushed out by nothing but themselves', () => {
  const holdings = [held('big', 2 * HOUR_MS, 5000, { needed: true }), held('result', 100 * DAY_MS, 90, { kind: 'results' })];
  expect(goneOf(holdings)).toEqual([]);
  const many = [held('r1', 3 * DAY_MS, 90, { kind: 'results' }), held('r2', 2 * DAY_MS, 90, { kind: 'results' })];
  expect(goneOf(many)).toEqual(['r1']);
});

test('work that was not delivered is pushed out neither by what else there is nor by a disk that is full, only by more of its own', () => {
  const kept = (path: string, days: number, bytes: number) => held(path, days * DAY_MS, bytes, { kind: 'undelivered' });
  const holdings = [kept('u', 6, 400), held('big', 2 * HOUR_MS, 5000, { needed: true }), held('week', 5 * DAY_MS, 100)];
  expect(goneOf(holdings)).toEqual(['week']);
  expect(chooseGone(holdings, 10_000, NOW, 300)).toMatchObject({ gone: [{ path: 'week' }], tooMuch: false, lackingBytes: 200 });
  expect(goneOf([kept('u1', 3, 300), kept('u2', 2, 300)])).toEqual(['u1']);
  expect(goneOf([kept('u', 7, 1)])).toEqual(['u']);
});

test('a disk that lacks room gets it from what was used longest ago, though less is kept than would be allowed', () => {
  const holdings = [
    held('a', 3 * DAY_MS, 100),
    held('b', 2 * DAY_MS, 100),
    held('c', DAY_MS, 100),
    held('result', 100 * DAY_MS, 90, { kind: 'results' }),
  ];
  const gone = (lacking: number) => chooseGone(holdings, ROOM, NOW, lacking).gone.map(({ path }) => path);
  expect([gone(0), gone(1), gone(150), gone(10_000)]).toEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']]);
});

test('what the disk lacks after all has gone that may is one thing, that too much is kept is another', () => {
  const few = [held('old', DAY_MS, 100), held('needed', DAY_MS, 50, { needed: true })];
  expect(chooseGone(few, ROOM, NOW, 100)).toMatchObject({ bytesLeft: 50, tooMuch: false, lackingBytes: 0 });
  expect(chooseGone(few, ROOM, NOW, 5000)).toMatchObject({ bytesLeft: 50, tooMuch: false, lackingBytes: 4900 });
  expect(chooseGone([], ROOM, NOW, 1)).toMatchObject({ bytesLeft: 0, tooMuch: false, lackingBytes: 1 });
});

test('what could not be measured goes for its age alone', () => {
  expect(goneOf([held('unmeasured', 6 * DAY_MS, 0), held('a', 5 * DAY_MS, 2000)])).toEqual(['a']);
});

test('a clock that was set back makes nothing older than it is, and still keeps the bound', () => {
  const ahead = [held('tomorrow', -DAY_MS, 900), held('later', -2 * DAY_MS, 900)];
  expect(goneOf(ahead)).toEqual(['tomorrow']);
});
