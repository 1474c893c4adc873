import { expect, test } from 'vitest';
import type { Day } from './take-stock.ts';
import { liveThrough, taskIds } from './year.ts';
import { DAYS_EACH } from './year-repositories.ts';

const DAY_MS = 86_400_000;
const DAYS = Number(process.env.YEAR_DAYS ?? 18);
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

/** A sweep comes at the next look, and a week that ends with a killed worker leaves a day of work behind. */
const SPARE_DAYS = 3;
/** At most: now and then a task fails, and is tried twice again. */
const ATTEMPTS_A_DAY = TASKS_A_DAY + 2;
/** What an attempt leaves in its folder, and beside it; and an id in the ledger. */
const WORKSPACE_BYTES = 165_000;
const BESIDE_BYTES = 35_000;
const LINE_BYTES = 40;
/** Of the machine, and of the clone of a repository. */
const MACHINE_FILES = 150;
const CLONE_FILES = 40;
/** Of a result, its task and what led to it; and of a week that is not packed yet. */
const RESULT_BYTES = 1_800;
const WEEK_BYTES = 130_000;

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
    expect(year.refs.sort()).toEqual(['refs/errand/workers/laptop', 'refs/errand/workers/pi', 'refs/heads/main']);
    expect(year.boots).toBeGreaterThanOrEqual(DAYS / 7);
    expect(year.renewals).toBeGreaterThan(1);
    // What was the only copy is named as it goes: nothing else is any trouble.
    expect(year.troubles.filter((text) => !isLoss(text))).toEqual([]);
    expect(year.troubles.join('\n')).toMatch(/\/work\/fix-/);
    if (DAY_MS * DAYS > 2 * keep.resultsMs) expect(year.troubles.join('\n')).toMatch(/\/kept\/fix-/);
    const days = (ms: number): number => ms / DAY_MS + SPARE_DAYS;
    const clones = 1 + days(keep.reposMs + keep.workspacesMs) / DAYS_EACH;
    const bounds: Measures = {
      'folders in work/': ATTEMPTS_A_DAY * days(keep.workspacesMs),
      'files in logs/': ATTEMPTS_A_DAY * days(keep.logsMs),
      'files in agents/': ATTEMPTS_A_DAY * days(keep.logsMs),
      'files in sessions/': ATTEMPTS_A_DAY * days(keep.workspacesMs + 2 * DAY_MS),
      'files in kept/': days(keep.resultsMs),
      'clones in repos/': clones,
      'worktrees that they know': days(keep.workspacesMs),
      'bytes of the state directory':
        ATTEMPTS_A_DAY * (WORKSPACE_BYTES * days(keep.workspacesMs) + BESIDE_BYTES * days(keep.logsMs)) +
        DAYS * TASKS_A_DAY * LINE_BYTES,
      'files of the state directory':
        ATTEMPTS_A_DAY * (4 * days(keep.workspacesMs) + 3 * days(keep.logsMs)) + MACHINE_FILES + CLONE_FILES * clones,
      'bytes of the private clone': 2.5 * ROOM_BYTES,
      'files of the server': 8 * (TASKS_A_DAY * 10 + 30),
      refs: 3 + TASKS_A_DAY,
      'task files': TASKS_A_DAY * days(8 * DAY_MS),
    };
    for (const day of year.days) {
      for (const [name, value] of Object.entries(measure(day))) {
        const most = bounds[name as keyof Measures];
        expect(value, `${name} on day ${day.day}: at most ${most}`).toBeLessThanOrEqual(most);
      }
      const most = RESULT_BYTES * day.results + WEEK_BYTES;
      expect(day.server.bytes, `bytes of the server on day ${day.day}: at most ${most}`).toBeLessThanOrEqual(most);
    }
    // What a killed worker left goes after a day, and the clone of a queue that nobody looks at as that of a repository.
    expect(year.days.some(({ held }) => held.run > 0)).toBe(true);
    expect(year.days.at(-1)?.held).toMatchObject({ run: 0, clones: 1 });
  },
  Number(process.env.YEAR_DAYS ?? 0) * 10_000 + 300_000,
);

type Measures = ReturnType<typeof measure>;

/** What has a bound. */
function measure({ held, state, clone, server, refs, taskFiles }: Day) {
  return {
    'folders in work/': held.work,
    'files in logs/': held.logs,
    'files in agents/': held.agents,
    'files in sessions/': held.sessions,
    'files in kept/': held.kept,
    'clones in repos/': held.repos,
    'worktrees that they know': held.worktrees,
    'bytes of the state directory': state.bytes - clone.bytes,
    'files of the state directory': state.files - clone.files,
    'bytes of the private clone': clone.bytes,
    'files of the server': server.files,
    refs,
    'task files': taskFiles,
  };
}

function isLoss(text: string): boolean {
  return text.includes('was kept only here, and is deleted now');
}
