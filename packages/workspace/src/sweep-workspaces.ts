import { lstat, readdir, realpath, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from './directory.ts';

/** A week, as a person may still want to look at what an attempt left. */
export const KEEP_WORKSPACES_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Deletes the folders of attempts whose modification time is before `beforeMs` (wall clock), other than those in
 * `runningCwds` (absolute paths), and every such HOME and TMPDIR of a run that is not in `running` (nonces). Returns the
 * paths deleted; never rejects.
 */
export async function sweepWorkspaces(options: {
  stateDir: string;
  beforeMs: number;
  running: ReadonlySet<string>;
  runningCwds?: ReadonlySet<string>;
}): Promise<string[]> {
  const runs = (await listFolders(join(options.stateDir, 'run'))).filter(({ name }) => !options.running.has(name));
  const work = await listFolders(join(options.stateDir, 'work'));
  const attempts = (await Promise.all(work.map(({ path }) => listFolders(path)))).flat();
  const inUse = new Set(await Promise.all([...(options.runningCwds ?? [])].map(withoutLinks)));
  const gone: string[] = [];
  for (const { path } of [...runs, ...attempts]) {
    // Read only now: an attempt may have gone on in it while others were being deleted.
    if ((await modifiedMs(path)) >= options.beforeMs || inUse.has(await withoutLinks(path))) continue;
    await removeFolder(path);
    gone.push(path);
  }
  // Fails, as it should, for a task that still has a folder.
  for (const { path } of work) await rmdir(path).catch(() => {});
  return gone;
}

function withoutLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function modifiedMs(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  return found?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

async function listFolders(parent: string): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => ({ name, path: join(parent, name) }));
}
