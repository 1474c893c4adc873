import { lstat, readdir, realpath, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { discardFolder } from './discard-folder.ts';
import { isPrivate } from './is-private.ts';
import { listUndelivered } from './worktree/undelivered.ts';

/** A folder that an attempt has left: what it worked in, or its HOME and TMPDIR. */
export interface LeftWorkspace {
  kind: 'work' | 'run';
  /** Absolute. */
  path: string;
  /** When the folder itself was last changed, wall clock in milliseconds. */
  usedAtMs: number;
  /** An attempt works there, or is about to. */
  needed: boolean;
  /** It holds commits that were to be delivered, and that no remote has taken. */
  undelivered: boolean;
}

/** Who is at work in this state directory. */
export interface AtWork {
  /** Nonces of runs. */
  nonces: ReadonlySet<string>;
  /** Ids of tasks whose folders stay. */
  ids?: ReadonlySet<string>;
  /** Folders, absolute; by whatever path they are named. */
  cwds?: ReadonlySet<string>;
}

/** What attempts are called. A state directory may be somebody's home, with a `work` and a `run` of their own in it. */
const NONCE = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const TASK_ID = /^[a-z0-9][a-z0-9-]{0,79}$/;
const ATTEMPT = /^\d+(?:\.\d+)?$/;

/**
 * Lists every `<state>/work/<id>/<attempt>` and `<state>/run/<nonce>` that is called and closed to others as ours are, links not
 * followed. Never rejects.
 */
export async function listWorkspaces(stateDir: string, atWork: AtWork): Promise<LeftWorkspace[]> {
  const inUse = new Set(await Promise.all([...(atWork.cwds ?? [])].map(withoutLinks)));
  const undelivered = new Set(await Promise.all((await listUndelivered(stateDir)).map(withoutLinks)));
  const found: LeftWorkspace[] = [];
  for (const { name, path } of await listFolders(join(stateDir, 'run'), NONCE)) {
    if (await isPrivate(path)) await add({ kind: 'run', path, needed: atWork.nonces.has(name), undelivered: false });
  }
  for (const { name: id, path: parent } of await listFolders(join(stateDir, 'work'), TASK_ID)) {
    if (!(await isPrivate(parent))) continue;
    for (const { path } of await listFolders(parent, ATTEMPT)) {
      const place = await withoutLinks(path);
      const needed = atWork.ids?.has(id) === true || inUse.has(place);
      await add({ kind: 'work', path, needed, undelivered: undelivered.has(place) });
    }
  }
  return found;

  async function add(one: Omit<LeftWorkspace, 'usedAtMs'>): Promise<void> {
    const usedAtMs = await modifiedMs(one.path);
    if (usedAtMs !== null) found.push({ ...one, usedAtMs });
  }
}

/**
 * Deletes a workspace, at once as far as anybody can see, unless an attempt has gone on in it since it was listed. False where
 * it stays. Never rejects.
 */
export async function removeWorkspace(stateDir: string, { kind, path, usedAtMs }: LeftWorkspace): Promise<boolean> {
  if ((await modifiedMs(path)) !== usedAtMs) return false;
  const gone = await discardFolder(stateDir, path);
  // Fails, as it should, for a task that still has a folder.
  if (kind === 'work') await rmdir(dirname(path)).catch(() => {});
  return gone;
}

function withoutLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function modifiedMs(path: string): Promise<number | null> {
  return (await lstat(path).catch(() => null))?.mtimeMs ?? null;
}

async function listFolders(parent: string, named: RegExp): Promise<{ name: string; path: string }[]> {
  if (!(await lstat(parent).catch(() => null))?.isDirectory()) return [];
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && named.test(entry.name))
    .map(({ name }) => ({ name, path: join(parent, name) }));
}
