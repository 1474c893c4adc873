import { lstat, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from './directory.ts';

/** A week, as a person may still want to look at what an attempt left. */
export const KEEP_WORKSPACES_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * Deletes the folders of attempts whose modification time is before `beforeMs` (wall clock), and every HOME and TMPDIR
 * of a run that is not in `running` (nonces). Returns the paths deleted; never rejects.
 */
export async function sweepWorkspaces(options: {
  stateDir: string;
  beforeMs: number;
  running: ReadonlySet<string>;
}): Promise<string[]> {
  const runs = (await listFolders(join(options.stateDir, 'run'))).filter(({ name }) => !options.running.has(name));
  const work = await listFolders(join(options.stateDir, 'work'));
  const attempts = (await Promise.all(work.map(({ path }) => listFolders(path)))).flat();
  const gone = [...runs, ...attempts].filter(({ modifiedMs }) => modifiedMs < options.beforeMs).map(({ path }) => path);
  for (const path of gone) await removeFolder(path);
  // Fails, as it should, for a task that still has a folder.
  for (const { path } of work) await rmdir(path).catch(() => {});
  return gone;
}

async function listFolders(parent: string): Promise<{ name: string; path: string; modifiedMs: number }[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory());
  return Promise.all(
    folders.map(async ({ name }) => {
      const path = join(parent, name);
      const modifiedMs = await lstat(path).then(
        (found) => found.mtimeMs,
        () => Number.POSITIVE_INFINITY,
      );
      return { name, path, modifiedMs };
    }),
  );
}
