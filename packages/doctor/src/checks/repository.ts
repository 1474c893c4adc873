import { access, constants, lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { adviseOnRights } from '../advise-on-rights.ts';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { locateRepository, shellWord } from '../remote/server-command.ts';

/** A lock of git's lives for milliseconds; so old, it was left. */
const STALE_MS = 10 * 60_000;

/** The repository of the queue itself, where it is on this machine: its files, and locks that a killed git left. */
export const repository: Check = {
  name: 'repository',
  limitMs: 30_000,
  look: async ({ machine, now }) => {
    const place = machine?.queue ? locateRepository(machine.queue) : null;
    return place?.isHere && place.path !== null ? lookAtRepository(place.path, now()) : [];
  },
};

export async function lookAtRepository(path: string, now: number): Promise<Found[]> {
  const dir = await findGitDir(path);
  if (dir === null) return []; // The check of the remote tells.
  const found = [...(await lookAtRights(dir)), ...(await lookAtLocks(dir, now))];
  return found.length > 0 ? found : ok(`${dir} is a repository, and nothing is left over in it`);
}

/** `path` itself where it is bare, else the `.git` in it; what a link leads to, since its own mode says nothing. */
async function findGitDir(path: string): Promise<string | null> {
  for (const dir of [path, join(path, '.git')]) {
    if (await stat(join(dir, 'objects')).catch(() => null)) return realpath(dir);
  }
  return null;
}

async function lookAtRights(dir: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const path of [dir, join(dir, 'objects'), join(dir, 'refs')]) {
    const refused = await access(path, constants.R_OK | constants.W_OK | constants.X_OK).then(
      () => false,
      () => true,
    );
    if (!refused) continue;
    const [ofDir, ofPath] = await Promise.all([stat(dir), stat(path)]);
    const self = { uid: process.geteuid?.() ?? 0, groups: [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])] };
    const advice = adviseOnRights({ dir, dirOwner: ofDir.uid, dirGroup: ofDir.gid, path, pathOwner: ofPath.uid, self });
    const why = `${advice.why}; claims and results are pushes to this repository`;
    found.push({ state: 'fault', what: `this user may not write ${path}`, ...advice, why });
    break;
  }
  const mode = (await stat(dir)).mode;
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    found.push({
      state: 'warning',
      what: `every user of this machine may write ${dir}`,
      why: 'whoever can push decides what is asked of your machines',
      remedy: 'Keep others out:',
      command: `chmod -R o-w ${shellWord(dir)}`,
    });
  }
  return found;
}

async function lookAtLocks(dir: string, now: number): Promise<Found[]> {
  const names = [...(await list(dir, false)), ...(await list(join(dir, 'refs'), true))].filter((path) => path.endsWith('.lock'));
  const old: string[] = [];
  for (const path of names) {
    const info = await lstat(path).catch(() => null);
    if (info !== null && now - info.mtimeMs > STALE_MS) old.push(path);
  }
  if (old.length === 0) return [];
  const held = await openFiles();
  return old
    .filter((path) => !held.has(path))
    .map((path) => ({
      state: 'fault',
      what: `${path} was left by a git that was killed`,
      why: 'pushes that need what it locks are refused until it is gone',
      // On a shared disk its owner may be on another machine: only a person knows.
      remedy: 'See that no git is at work in the repository, on any machine, then remove it:',
      command: `rm ${shellWord(path)}`,
    }));
}

async function list(dir: string, deep: boolean): Promise<string[]> {
  const names = await readdir(dir, { recursive: deep }).catch(() => []);
  return names.map((name) => join(dir, name));
}

/** Files that a process of this machine has open, as far as this user may know. */
async function openFiles(): Promise<Set<string>> {
  const found = new Set<string>();
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const fd of fds) found.add(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  }
  return found;
}
