import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BareRepository } from '@errand/testing';
import { addUp } from './date-files.ts';

/** How much there is of each kind of thing that a worker leaves. */
export interface Held {
  /** Folders that attempts worked in; HOMEs and TMPDIRs of attempts. */
  work: number;
  run: number;
  /** Files. */
  logs: number;
  agents: number;
  sessions: number;
  kept: number;
  /** Clones of repositories, and the worktrees that they know of. */
  repos: number;
  worktrees: number;
  /** Private clones of queues. */
  clones: number;
}

/** How things stand at the end of a day. */
export interface Day {
  day: number;
  held: Held;
  state: { files: number; bytes: number };
  clone: { files: number; bytes: number };
  server: { files: number; bytes: number };
  /** Refs on the server. */
  refs: number;
  /** Files in `tasks/`, and in `results/`, on the branch. */
  taskFiles: number;
  results: number;
}

/** Counts everything, on the machine whose queue is in `queueDir` and on the server. */
export async function takeStock(day: number, stateDir: string, queueDir: string, repository: BareRepository): Promise<Day> {
  const files = async (path: string): Promise<number> => (await addUp(path)).files;
  const repos = (await list(join(stateDir, 'repos'))).filter((path) => path.endsWith('.git'));
  const clones = (await listBelow(join(stateDir, 'queues'))).filter((path) => path.endsWith('/clone'));
  const held: Held = {
    work: (await listBelow(join(stateDir, 'work'))).length,
    run: (await list(join(stateDir, 'run'))).length,
    logs: await files(join(stateDir, 'logs')),
    agents: await files(join(stateDir, 'agents')),
    sessions: await files(join(stateDir, 'sessions')),
    kept: await files(join(queueDir, 'kept')),
    repos: repos.length,
    worktrees: (await Promise.all(repos.map((path) => list(join(path, 'worktrees'))))).flat().length,
    clones: clones.length,
  };
  const names = async (place: string): Promise<string[]> =>
    (await repository.git('ls-tree', '-r', '--name-only', 'main', '--', place))
      .split('\n')
      .filter((name) => name.endsWith('.md'));
  return {
    day,
    held,
    state: await addUp(stateDir),
    clone: await addUp(join(queueDir, 'clone')),
    server: await addUp(repository.dir),
    refs: (await repository.refs()).size,
    taskFiles: (await names('tasks')).length,
    results: (await names('results')).length,
  };
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
}

async function listBelow(folder: string): Promise<string[]> {
  return (await Promise.all((await list(folder)).map(list))).flat();
}
