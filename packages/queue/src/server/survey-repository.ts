import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inspectLock } from '../git/lock.ts';
import { COORDINATION } from '../names.ts';
import type { ServerRepository } from './server-repository.ts';

/** How a repository lies on its disk. */
export interface RepositorySurvey {
  /** Of all objects. */
  bytes: number;
  looseObjects: number;
  packs: number;
  /** Refs that are files of their own. */
  looseRefs: number;
  /** Refs under `refs/errand/`, by kind. */
  coordination: { [kind: string]: number };
  /** Lock files that have been there for longer than a push takes, oldest first. */
  locks: StaleLock[];
  /** Folders on the branch with more entries than hosts like. */
  crowded: { path: string; entries: number }[];
}

export interface StaleLock {
  /** Absolute. */
  path: string;
  ageMs: number;
  /** No transaction takes so long: whoever made it has ended. */
  dead: boolean;
}

/** GitHub advises no more entries in one folder. */
const MOST_ENTRIES = 3_000;
/** The longest that a push or a gc of ours may take. */
const STALE_MS = 10 * 60_000;
const DEAD_MS = 24 * 60 * 60_000;
/**
 * What pushes and gc lock, at the top of a repository and in these folders. Any other lock is of somebody who works in a checkout: a
 * person's index, or a watcher that has held its own since it started.
 */
const PUSHED = ['HEAD', 'packed-refs', 'config', 'shallow'];
const PUSHED_BELOW = ['refs', join('objects', 'info')];

/** Looks at everything that makes a server slow, and changes nothing. */
export async function surveyRepository(repository: ServerRepository, nowMs: number): Promise<RepositorySurvey> {
  const [counts, names, locks, looseRefs, crowded] = await Promise.all([
    countObjects(repository),
    repository.git(['for-each-ref', '--format=%(refname)', COORDINATION]),
    findLocks(repository.gitDir, nowMs),
    listFiles(join(repository.gitDir, 'refs')),
    findCrowded(repository),
  ]);
  const coordination: { [kind: string]: number } = {};
  for (const [, kind = ''] of names.stdout.matchAll(/^refs\/errand\/([^/\n]+)\//gm))
    coordination[kind] = (coordination[kind] ?? 0) + 1;
  return { ...counts, looseRefs: looseRefs.filter((path) => !path.endsWith('.lock')).length, coordination, locks, crowded };
}

async function countObjects({ git }: ServerRepository): Promise<Pick<RepositorySurvey, 'bytes' | 'looseObjects' | 'packs'>> {
  const { stdout } = await git(['count-objects', '-v']);
  const read = (key: string): number => Number(new RegExp(`^${key}: (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
  const kib = read('size') + read('size-pack') + read('size-garbage');
  return { bytes: kib * 1024, looseObjects: read('count'), packs: read('packs') };
}

async function findLocks(gitDir: string, nowMs: number): Promise<StaleLock[]> {
  const top = PUSHED.map((name) => join(gitDir, `${name}.lock`));
  const below = (await Promise.all(PUSHED_BELOW.map((name) => listFiles(join(gitDir, name))))).flat();
  const paths = [...top, ...below.filter((path) => path.endsWith('.lock'))];
  const found = await Promise.all(
    paths.map(async (path) => {
      const info = await lstat(path).catch(() => null);
      const ageMs = info?.isFile() ? nowMs - info.mtimeMs : 0;
      if (ageMs <= STALE_MS || (await isHeld(path))) return [];
      return [{ path, ageMs, dead: ageMs > DEAD_MS }];
    }),
  );
  return found.flat().sort((one, other) => other.ageMs - one.ageMs);
}

/** A lock of Errand's own says whose it is, and may be held for months. One of git's says nothing. */
async function isHeld(path: string): Promise<boolean> {
  return (await inspectLock(path).catch(() => null))?.state === 'held';
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

async function findCrowded({ git, branch }: ServerRepository): Promise<{ path: string; entries: number }[]> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--name-only', `refs/heads/${branch}`, '--', 'tasks', 'results']);
  const entries = new Map<string, number>();
  for (const path of stdout.split('\0')) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '') entries.set(folder, (entries.get(folder) ?? 0) + 1);
  }
  const days = [...entries.keys()].filter((folder) => folder.startsWith('results/')).length;
  if (days > 0) entries.set('results', days);
  return [...entries].filter(([, count]) => count > MOST_ENTRIES).map(([path, count]) => ({ path, entries: count }));
}
