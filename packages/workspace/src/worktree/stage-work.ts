import { copyFile, lstat, realpath, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desk, Place } from './desk.ts';
import { listChanges } from './list-changes.ts';
import { joinPaths, listNestedFiles, onDisk, splitPaths } from './nested-files.ts';
import type { KeptWorktree } from './worktree.ts';

/**
 * Writes the tree that the work tree amounts to: what `head` has, what was changed, removed or added, and nothing that
 * `.gitignore` keeps out. Nothing but plumbing looks at the files: `git add` would run git in the repositories that it
 * finds among them, with whatever programs their settings name. Throws what git and the file system say.
 */
export async function stageWork(desk: Desk, kept: KeptWorktree, head: string): Promise<string> {
  const { cwd, cache } = kept;
  if (!(await lstat(cwd)).isDirectory() || (await realpath(cwd)) !== cwd) throw new Error(`${cwd} is no longer a folder`);
  const place = { workTree: cwd, indexFile: join(desk.dir, 'index'), objects: join(cache, 'objects') };
  const forced = await seedIndex(desk, place, kept, head);
  const nested = await dropNestedCommits(desk, place, kept, head);
  const changed = await listChanges(desk, place);
  const others = splitPaths(await desk.must(place, ['ls-files', '-z', '--others', '--exclude-standard']));
  const paths = others.filter((path) => !path.endsWith('/'));
  for (const folder of others.filter((path) => path.endsWith('/'))) nested.push(...(await listNestedFiles(desk, place, folder)));
  const all = joinPaths([...changed, ...paths, ...nested, ...forced]);
  if (all.length > 0) await desk.must(place, ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], all);
  return (await desk.must(place, ['write-tree'])).toString('latin1').trim();
}

/**
 * Begins with a copy of the agent's index, since it knows which files are unchanged without reading them, and with what the
 * agent has not: `head`, and nothing unmerged. Gives the ignored files that the agent has added by force.
 */
async function seedIndex(desk: Desk, place: Place & { indexFile: string }, kept: KeptWorktree, head: string): Promise<string[]> {
  const found = await lstat(join(kept.admin, 'index')).catch(() => null);
  if (found?.isFile()) {
    await copyFile(join(kept.admin, 'index'), place.indexFile);
    // A file changed within the tick in which the index was written is looked at again, if the index is not made younger.
    const seconds = Math.floor(found.mtimeMs / 1_000);
    await utimes(place.indexFile, seconds, seconds);
    const ignored = await listIgnored(desk, place);
    if ((await desk.local(place, ['read-tree', '--reset', head])).exitCode === 0) {
      const inHead = new Set(await listIgnored(desk, place));
      const added = ignored.filter((path) => !inHead.has(path));
      const there = await Promise.all(added.map((path) => isFile(onDisk(kept.cwd, path))));
      return added.filter((_, index) => there[index]);
    }
    await rm(place.indexFile, { force: true });
  }
  await desk.must(place, ['read-tree', head]);
  return [];
}

async function listIgnored(desk: Desk, place: Place): Promise<string[]> {
  const run = await desk.local(place, ['ls-files', '-z', '--cached', '--ignored', '--exclude-standard']);
  return run.exitCode === 0 ? splitPaths(run.stdout) : [];
}

async function isFile(path: Buffer): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() === true || found?.isSymbolicLink() === true;
}

/**
 * A repository that the agent made inside and committed is a mere number in `head`: its files would not be delivered. It
 * gives way to its files, which are returned. Submodules, which `.gitmodules` names, stay as they are.
 */
async function dropNestedCommits(
  desk: Desk,
  place: Place & { workTree: string },
  kept: KeptWorktree,
  head: string,
): Promise<string[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--diff-filter=AT', kept.baseOid, head];
  const fields = splitPaths(await desk.must(place, args));
  const added = fields.flatMap((field, index) => (/^:\d{6} 160000 /.test(field) ? [fields[index + 1] ?? ''] : []));
  if (added.length === 0) return [];
  const submodules = await listSubmodules(desk, place, head);
  const files: string[] = [];
  for (const path of added.filter((name) => !submodules.has(name))) {
    if (!(await lstat(onDisk(place.workTree, `${path}/.git`)).catch(() => null))) continue;
    await desk.must(place, ['update-index', '--force-remove', '-z', '--stdin'], joinPaths([path]));
    files.push(...(await listNestedFiles(desk, place, `${path}/`)));
  }
  return files;
}

async function listSubmodules(desk: Desk, place: Place, head: string): Promise<Set<string>> {
  const run = await desk.local(place, ['config', '-z', `--blob=${head}:.gitmodules`, '--get-regexp', '^submodule\\..*\\.path$']);
  return new Set(splitPaths(run.stdout).map((entry) => entry.slice(entry.indexOf('\n') + 1)));
}
