import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepSettings } from '@errand/config';
import { findServerRepository, maintainRepository, openQueue } from '@errand/queue';
import { type BareRepository, pathRemote, temporaryDirectory } from '@errand/testing';
import { Fleet, taskText } from '../../packages/worker/src/rig/fleet.ts';
import { Worker } from '../../packages/worker/src/worker.ts';
import { FileDates } from './date-files.ts';
import { type Day, takeStock } from './take-stock.ts';
import { YearClock, YearWakeups } from './year-clock.ts';
import { YearPeople } from './year-people.ts';
import { YearRepositories } from './year-repositories.ts';
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
  const people = new YearPeople(repository, clock);
  const repositories = new YearRepositories(folder.path);
  await people.commit({ 'config/errand.yaml': 'schema: 1\n', 'tasks/.gitkeep': '' });
  await layForgottenQueue(stateDir);

  for (let day = 0; day < options.days; ) {
    year.boots += 1;
    const runner = new YearRunner({ stateDir, clock, dates, people, repositories });
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
      lease: { heartbeatMs: 6 * HOUR_MS, ttlMs: 48 * HOUR_MS },
    };
    const machine = await fleet.boot('pi', { queue, clock, wakeups, runner, config });
    const worker = new Worker(machine.context, { once: false });
    const lastDay = Math.min(options.days, day + 7);
    const isKilled = year.boots % 2 === 0 && lastDay < options.days;
    const ended = new Promise<void>((resolve, reject) => {
      const live = async (): Promise<void> => {
        await people.commit(tasksOf(day, options.tasksADay));
        await people.beat('running');
        wakeups.now();
        // In the middle of the last day's attempts, or after them.
        clock.in(isKilled && day + 1 === lastDay ? 30_000 : 10 * HOUR_MS, async () => {
          year.days.push(await takeStock(day, stateDir, queue.dir, repository));
          await people.beat('stopped');
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

/** A queue that this machine was connected to, and that nobody looks at any more. */
async function layForgottenQueue(stateDir: string): Promise<void> {
  const queue = join(stateDir, 'queues/0123456789abcdef');
  await mkdir(join(queue, 'clone'), { recursive: true, mode: 0o700 });
  await writeFile(join(queue, 'clone/pack'), Buffer.alloc(100_000));
  await writeFile(join(queue, 'looked'), '');
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
