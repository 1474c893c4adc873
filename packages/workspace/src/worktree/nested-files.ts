import { join } from 'node:path';
import type { Desk, Place } from './desk.ts';

const MAX_DEPTH = 20;

/** Paths that end in NUL each, as latin1 text: the bytes of a file's name need not be UTF-8, and must come back as they were. */
export function splitPaths(output: Buffer): string[] {
  return output
    .toString('latin1')
    .split('\0')
    .filter((path) => path !== '');
}

/** Where such a path lies on this disk. */
export function onDisk(workTree: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${workTree}/`), Buffer.from(path, 'latin1')]);
}

export function joinPaths(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}

/**
 * The files of a repository that lies in the work tree in `folder` (latin1, with its final slash), those of repositories in it
 * too, without what a `.gitignore` of its own or above it keeps out. Throws what git says.
 */
export async function listNestedFiles(desk: Desk, place: Place & { workTree: string }, folder: string): Promise<string[]> {
  const files = await listWithin(desk, place, folder, 0);
  if (files.length === 0) return [];
  const run = await desk.local(place, ['check-ignore', '-z', '--stdin'], joinPaths(files));
  const ignored = new Set(splitPaths(run.stdout));
  return files.filter((path) => !ignored.has(path));
}

async function listWithin(desk: Desk, place: Place & { workTree: string }, folder: string, depth: number): Promise<string[]> {
  const name = Buffer.from(folder, 'latin1').toString('utf8');
  if (name.includes('\uFFFD')) throw new Error(`the repository in ${name} has a name that is not UTF-8`);
  if (depth > MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} repositories lie in one another in ${name}`);
  const within = { workTree: join(place.workTree, name), indexFile: join(desk.dir, 'no-index') };
  const listed = splitPaths(await desk.must(within, ['ls-files', '-z', '--others', '--exclude-standard']));
  const found = listed.map((path) => folder + path);
  const files = found.filter((path) => !path.endsWith('/'));
  for (const inner of found.filter((path) => path.endsWith('/')))
    files.push(...(await listWithin(desk, place, inner, depth + 1)));
  return files;
}
