import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepSettings } from '@errand/config';
import { findServerRepository, maintainRepository, openQueue } from '@errand/queue';
import { type BareRepository, pathRemote, temporaryDirectory } from '@errand/testing';
import { Fleet, taskText } from '../../packages/worker/src/rig/fleet.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import { addUp, FileDates } from './date-files.ts';
import { YearClock, YearWakeups } from './year-clock.ts';
import { YearRunner } from './year-runner.ts';

const HOUR_MS = 3_600_000;
const NEW_YEAR = Date.UTC(2027, 0, 1, 8);

export interface YearOptions {
  days: number;
  tasksADay: number;
  keep: KeepSettings;
  /** Of the private clone, bytes. */
  roomBytes?: number;
  /** Sees each day as it ends. */
  onDay?: (day: Day) => void;
}

/** How things stand at the end of a day. */
export interface Day {
  day: number;
  state: { files: number; bytes: number };
  clone: { files: number; bytes: number };
  server: { files: number; bytes: number };
  /** Refs on the server. */
  refs: number;
  /** Files in `tasks/` on the branch. */
  taskFiles: number;
}

export interface Year {
  days: Day[];
  /** How many results each task has. */
  results: Map<string, number>;
  /** The refs that are left. */
  refs: string[];
  /** How often the private clone was made anew, and how often a boot of the worker ended or was killed. */
  renewals: number;
  boots: number;
  troubles: string[];
}

/**
 * A busy queue, day by day on a virtual clock, over real git: a person files tasks, other machines beat, one worker does everything
 * that a worker does but start processes. It is stopped each week and killed each other one, and the server is maintained weekly.
 */
export async function liveThrough(options: YearOptions): Promise<Year> {
  await using remote = await pathRemote();
  await using folder = temporaryDirectory();
  const stateDir = join(folder.path, 'state');
  const { repository } = remote;
  const clock = new YearClock(NEW_YEAR);
  const dates = new FileDates(stateDir, repository.dir);
  await using fleet = new Fleet(() => clock.wallMs());
  const year: Year = { days: [], results: new Map(), refs: [], renewals: 0, boots: 0, troubles: [] };
  await commit(repository, clock, { 'config/errand.yaml': 'schema: 1\n', 'tasks/.gitkeep': '' }, null);

  for (let day = 0; day < options.days; ) {
    year.boots += 1;
    const runner = new YearRunner(stateDir, clock, dates);
    const queue = openQueue({
      remote: remote.url,
      branch: 'main',
      stateDir,
      clock,
      env: remote.env,
      ...(options.roomBytes !== undefined && { roomBytes: options.roomBytes }),
      onEvent: (event) => {
        if (event.type === 'clone re-made') year.renewals += 1;
      },
    });
    const renewClone = queue.renewClone.bind(queue);
    queue.renewClone = (asked) => {
      const renewing = renewClone(asked);
      runner.beside = renewing;
      return renewing;
    };
    const beside = async (): Promise<void> => {
      // A sweep is followed by a look at the clone.
      await runner.beside;
      await new Promise((resolve) => setImmediate(resolve));
      await runner.beside;
    };
    const wakeups = new YearWakeups(clock, beside);
    const config = {
      slots: options.tasksADay,
      keep: options.keep,
      // Each look at a queue in which nothing happens costs this test as much as one that finds something.
      poll: { intervalMs: 12 * HOUR_MS },
      lease: { heartbeatMs: 4 * HOUR_MS, ttlMs: 48 * HOUR_MS },
    };
    const machine = await fleet.boot('pi', { queue, clock, wakeups, runner, config });
    const worker = new Worker(machine.context, { once: false });
    const lastDay = Math.min(options.days, day + 7);
    const isKilled = year.boots % 2 === 0 && lastDay < options.days;
    const ended = new Promise<void>((resolve, reject) => {
      const live = async (): Promise<void> => {
        await commit(repository, clock, tasksOf(day, options.tasksADay), day);
        wakeups.now();
        // In the middle of the last day's attempts, or after them.
        clock.in(isKilled && day + 1 === lastDay ? 30_000 : 10 * HOUR_MS, async () => {
          year.days.push(await takeStock(day, stateDir, repository));
          options.onDay?.(year.days.at(-1) as Day);
          day += 1;
          if (day < lastDay) clock.in(14 * HOUR_MS, live);
          else if (isKilled) kill();
          else worker.stop();
        });
      };
      const kill = (): void => {
        runner.dead = true;
        wakeups.wait = () => Promise.reject(new Error('killed'));
      };
      clock.in(0, live);
      worker.run().then(
        () => resolve(),
        (error: Error) => (runner.dead ? resolve() : reject(error)),
      );
    });
    await ended;
    year.troubles.push(...machine.told('trouble').map(({ duty, text }) => `${duty}: ${text}`));
    await queue.close();
    await clock.moveOn(clock.elapsedMs() + HOUR_MS);
    await maintain(repository, remote.env, clock, dates);
  }
  const results = await repository.git('ls-tree', '-r', '--name-only', 'main', '--', 'results');
  for (const [, id = ''] of results.matchAll(/^results\/[^/]+\/(.+)\.md$/gm))
    year.results.set(id, (year.results.get(id) ?? 0) + 1);
  year.refs = [...(await repository.refs()).keys()];
  return year;
}

export const taskIds = (day: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `fix-the-thing-of-day-${day}-${n}-k${(day * 7919 + n * 104_729) % 10_000}`);

function tasksOf(day: number, count: number): { [path: string]: string } {
  return Object.fromEntries(taskIds(day, count).map((id) => [`tasks/${id}.md`, `${taskText(id)}${'It is long. '.repeat(40)}\n`]));
}

/** A person's commit, and (with a day) a day's heartbeats of another machine, each of which leaves an object behind. */
async function commit(
  repository: BareRepository,
  clock: YearClock,
  files: { [path: string]: string },
  day: number | null,
): Promise<void> {
  const at = Math.floor(clock.wallMs() / 1000);
  const lines = [`commit refs/heads/main\ncommitter Ada <ada@localhost> ${at} +0000\ndata 4\nadd\n`];
  if ((await repository.resolve('refs/heads/main')) !== null) lines.push('from refs/heads/main^0\n');
  for (const [path, text] of Object.entries(files))
    lines.push(`M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  for (let n = 0; day !== null && n < 24; n++) {
    const beat = `running: laptop\n\n${JSON.stringify({ schema: 1, machine: 'laptop', day, n })}\n`;
    lines.push(
      `commit refs/unrelated/beat-${n}\ncommitter e <e@localhost> ${at + n} +0000\ndata ${Buffer.byteLength(beat)}\n${beat}\n`,
    );
  }
  await repository.gitWith(lines.join(''), 'fast-import', '--quiet', '--force');
  if (day === null) return;
  // Objects that were of a ref and are of none: that is what a forced heartbeat leaves.
  const gone = Array.from({ length: 24 }, (_, n) => `delete refs/unrelated/beat-${n}\n`).join('');
  await repository.gitWith(gone, 'update-ref', '--stdin');
}

async function takeStock(day: number, stateDir: string, repository: BareRepository): Promise<Day> {
  const [state, server] = [await addUp(stateDir), await addUp(repository.dir)];
  const clones = await addUpClones(join(stateDir, 'queues'));
  const taskFiles = (await repository.git('ls-tree', '--name-only', 'main:tasks'))
    .split('\n')
    .filter((name) => name.endsWith('.md'));
  return { day, state, clone: clones, server, refs: (await repository.refs()).size, taskFiles: taskFiles.length };
}

async function addUpClones(queues: string): Promise<{ files: number; bytes: number }> {
  const [name = ''] = await readdir(queues);
  return addUp(join(queues, name, 'clone'));
}

async function maintain(
  repository: BareRepository,
  env: Record<string, string>,
  clock: YearClock,
  dates: FileDates,
): Promise<void> {
  await dates.set(clock.wallMs());
  const found = await findServerRepository(repository.dir, { env });
  if (!found.ok) throw new Error(found.message);
  const { failure } = await maintainRepository(found.repository, { nowMs: clock.wallMs(), dryRun: false });
  if (failure !== null) throw new Error(failure);
}
