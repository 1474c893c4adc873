import { expect, test } from 'vitest';
import { liveThrough, taskIds } from './year.ts';

const DAY_MS = 86_400_000;
const DAYS = Number(process.env.YEAR_DAYS ?? 21);
const TASKS_A_DAY = Number(process.env.YEAR_TASKS ?? 4);
/** A short year has shorter memories, so that everything that is bounded reaches its bound long before the end. */
const SHORT = { workspacesMs: 2 * DAY_MS, logsMs: 4 * DAY_MS, reposMs: 4 * DAY_MS, resultsMs: 4 * DAY_MS, sizeBytes: 2 ** 30 };
const LONG = {
  workspacesMs: 7 * DAY_MS,
  logsMs: 30 * DAY_MS,
  reposMs: 30 * DAY_MS,
  resultsMs: 180 * DAY_MS,
  sizeBytes: 5 * 2 ** 30,
};

/** So that a short year sees the clone made anew, too. */
const ROOM_BYTES = DAYS < 120 ? 40_000 : 500_000;

/** What an attempt leaves: some files in its folder, and small things beside it. */
const WORKSPACE = { bytes: 160_000, files: 4 };
const BESIDE = { bytes: 35_000, files: 3 };
/** A sweep comes at the next look, and a week that ends with a killed worker leaves a day of work behind. */
const SPARE_DAYS = 3;
/** Of an id in the ledger. */
const LINE_BYTES = 40;

test(
  'a busy queue over months: no disk goes on filling, no ref is left over, and each task has one result',
  async () => {
    const keep = DAYS < 120 ? SHORT : LONG;
    const year = await liveThrough({
      days: DAYS,
      tasksADay: TASKS_A_DAY,
      keep,
      roomBytes: ROOM_BYTES,
      ...(process.env.YEAR_DAYS !== undefined && { onDay: (day) => day.day % 30 === 0 && console.log(JSON.stringify(day)) }),
    });
    const ids = Array.from({ length: DAYS }, (_, day) => taskIds(day, TASKS_A_DAY)).flat();
    expect([...year.results].filter(([, count]) => count !== 1)).toEqual([]);
    expect(ids.filter((id) => !year.results.has(id))).toEqual([]);
    expect(year.refs.sort()).toEqual(['refs/errand/workers/pi', 'refs/heads/main']);
    expect(year.boots).toBeGreaterThanOrEqual(DAYS / 7);
    expect(year.renewals).toBeGreaterThan(1);
    expect(year.troubles).toEqual([]);
    const days = (ms: number): number => ms / DAY_MS + SPARE_DAYS;
    const atMost = (of: (one: typeof BESIDE) => number): number =>
      TASKS_A_DAY * (of(WORKSPACE) * days(keep.workspacesMs) + of(BESIDE) * days(keep.logsMs));
    const bounds = {
      'bytes of the state directory': atMost(({ bytes }) => bytes) + DAYS * TASKS_A_DAY * LINE_BYTES,
      'files of the state directory': atMost(({ files }) => files) + 30,
      'bytes of the private clone': 2.5 * ROOM_BYTES,
      'files of the server': 8 * (TASKS_A_DAY * 10 + 30),
      refs: 2 + TASKS_A_DAY,
      'task files': TASKS_A_DAY * days(8 * DAY_MS),
    };
    for (const { day, state, clone, server, refs, taskFiles } of year.days) {
      const found = {
        'bytes of the state directory': state.bytes - clone.bytes,
        'files of the state directory': state.files - clone.files,
        'bytes of the private clone': clone.bytes,
        'files of the server': server.files,
        refs,
        'task files': taskFiles,
      };
      for (const [name, most] of Object.entries(bounds)) {
        const value = found[name as keyof typeof found];
        expect(value, `${name} on day ${day}: at most ${most}`).toBeLessThanOrEqual(most);
      }
    }
  },
  Number(process.env.YEAR_DAYS ?? 0) * 10_000 + 300_000,
);
