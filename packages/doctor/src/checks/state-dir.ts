import { randomBytes } from 'node:crypto';
import { chmod, lstat, readdir, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../check.ts';
import { type Found, ok } from '../finding.ts';
import { shellWord } from '../remote/server-command.ts';

/** Can errand write what it must not lose, and can nobody else. */
export const stateFolder: Check = {
  name: 'state',
  limitMs: 10_000,
  look: async ({ stateDir }) => lookAtState(stateDir, process.getuid?.() ?? null),
};

/** How far down files are looked at for their owner: queues and their files, not the workspaces of attempts. */
const DEPTH = 4;

/** `uid`: who looks; null where the system has no such numbers. */
export async function lookAtState(dir: string, uid: number | null): Promise<Found[]> {
  // A folder may have been moved to another disk, and a link left in its place, whose own mode says nothing.
  const path = await realpath(dir).catch((error: NodeJS.ErrnoException) => error);
  if (path instanceof Error) {
    if (path.code === 'ENOENT') return judgeAbsent(dir);
    return [{ state: 'fault', what: `${dir} cannot be looked at: ${path.message}`, remedy: 'Correct its permissions.' }];
  }
  const { mode, uid: owner } = await stat(path);
  if (uid === 0 && owner !== 0) return [judgeAsRoot(dir, owner)];
  // Root may write everything.
  const foreign = uid === null || uid === 0 ? null : await findForeign(path, uid, DEPTH);
  if (foreign !== null) return [judgeForeign(foreign, path)];
  const refused = await tryToWrite(path);
  if (refused !== null) {
    return [
      {
        state: 'fault',
        what: `${dir} cannot be written: ${refused}`,
        why: 'tasks that are filed here, and what attempts came to, are kept there until the queue has them',
        remedy: 'Make room on the disk, or correct the permissions of the folder.',
      },
    ];
  }
  if ((mode & 0o077) === 0) return ok(`${dir} can be written, by this user alone`);
  return [
    {
      state: 'warning',
      what: `other users of this machine may look into ${dir}`,
      why: 'it holds tasks, answers and logs of attempts',
      remedy: 'Keep it to yourself:',
      command: `chmod 700 ${shellWord(path)}`,
      repair: async () => {
        await chmod(path, 0o700);
        return { ok: true, did: `chmod 700 ${path}` };
      },
    },
  ];
}

async function judgeAbsent(dir: string): Promise<Found[]> {
  const link = await readlink(dir).catch(() => null);
  if (link === null) return ok(`${dir} is made when it is first needed`);
  return [
    {
      state: 'fault',
      what: `${dir} leads to ${link}, which is not there`,
      why: 'nothing can be kept: no folder can be made in place of the link',
      remedy: 'Mount what it leads to, or make that folder, or remove the link.',
    },
  ];
}

function judgeForeign(foreign: string, dir: string): Found {
  return {
    state: 'fault',
    what: `${foreign} belongs to another user`,
    why: 'errand was run as somebody else with this state directory, as with sudo; what it cannot write it cannot keep',
    remedy: 'Give it back:',
    command: `sudo chown -R "$(id -un)" ${shellWord(dir)}`,
  };
}

function judgeAsRoot(dir: string, owner: number): Found {
  return {
    state: 'note',
    what: `${dir} belongs to another user (number ${owner}), and root looks at it`,
    why: 'what errand makes there as root, that user cannot change, and their worker stumbles over it',
    remedy: 'Ask as that user:',
    command: `sudo -u '#${owner}' errand doctor`,
  };
}

async function findForeign(path: string, uid: number, depth: number): Promise<string | null> {
  const info = await lstat(path).catch(() => null);
  if (info === null) return null;
  if (info.uid !== uid) return path;
  if (!info.isDirectory() || depth === 0) return null;
  for (const name of await readdir(path).catch(() => [])) {
    // Attempts run in `work`, and what they make there is theirs.
    const found = name === 'work' ? null : await findForeign(join(path, name), uid, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

async function tryToWrite(dir: string): Promise<string | null> {
  const path = join(dir, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(path, 'x', { flag: 'wx' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
