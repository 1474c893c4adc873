import { lstat, mkdir, realpath, stat, utimes } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { removeFolder } from './remove-folder.ts';

/** Where one attempt runs. */
export interface Workspace {
  /** The folder it works in, kept after it has ended. */
  cwd: string;
  /** Its own HOME and TMPDIR, mode 700. */
  home: string;
  tmp: string;
  /** Deletes home and tmp, never following a link out of them. Never rejects: what resists is left to housekeeping. */
  remove(): Promise<void>;
}

export interface DirectoryRequest {
  /** Absolute path. */
  stateDir: string;
  id: string;
  attempt: number;
  /** Names this run; unique. */
  nonce: string;
  /** The machine's `directory:`, absolute: the attempt works there instead of in a folder of its own. */
  directory?: string;
  /** The folder of an earlier attempt of this task, whose session goes on: it is used again if it is still there. */
  reuse?: string;
}

export type Prepared = { ok: true; workspace: Workspace } | { ok: false; message: string; hint: string };

/** Makes `<state>/work/<id>/<attempt>` (with a suffix where an earlier run left one) and `<state>/run/<nonce>/{home,tmp}`. */
export async function prepareDirectory(request: DirectoryRequest): Promise<Prepared> {
  const { stateDir, directory } = request;
  try {
    const root = await makeStateFolder(stateDir);
    const run = await makeRunFolders(root, request.nonce);
    const cwd = directory === undefined ? await findWorkFolder(root, request) : await checkDirectory(directory);
    return { ok: true, workspace: { cwd, ...run } };
  } catch (error) {
    return {
      ok: false,
      message: `cannot prepare a workspace for ${request.id}: ${(error as Error).message}`,
      hint:
        directory === undefined
          ? `Check space and permissions of ${stateDir}.`
          : `Check directory: ${directory} in this machine's configuration.`,
    };
  }
}

/** Makes the state directory where it is missing, and gives its path without links. Throws what the file system says. */
export async function makeStateFolder(stateDir: string): Promise<string> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return realpath(stateDir);
}

/** Makes HOME and TMPDIR of a run, `<root>/run/<nonce>/{home,tmp}`. Throws what the file system says. */
export async function makeRunFolders(root: string, nonce: string): Promise<Omit<Workspace, 'cwd'>> {
  const run = await makeFolders(root, ['run', nonce]);
  const home = await makeFolders(run, ['home']);
  const tmp = await makeFolders(run, ['tmp']);
  return { home, tmp, remove: async () => void (await removeFolder(run)) };
}

async function findWorkFolder(root: string, request: DirectoryRequest): Promise<string> {
  const { id, reuse } = request;
  if (reuse !== undefined && relative(join(root, 'work', id), reuse) === basename(reuse)) {
    const there = await lstat(reuse).catch(() => null);
    if (there?.isDirectory()) {
      const now = new Date();
      // Else a sweep could take the folder for one that nobody has used for a week.
      await utimes(reuse, now, now);
      return reuse;
    }
  }
  return makeWorkFolder(root, request);
}

/**
 * Makes the folder of an attempt in `<root>/work/<id>`. A run starts in an empty one: what an earlier run of the same
 * number left stays beside it. Throws what the file system says.
 */
export async function makeWorkFolder(root: string, { id, attempt }: { id: string; attempt: number }): Promise<string> {
  const parent = await makeFolders(root, ['work', id]);
  for (let again = 1; ; again++) {
    const folder = inside(parent, again === 1 ? String(attempt) : `${attempt}.${again}`);
    try {
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * Makes one folder in the next. A link or a file where a folder should be is an error, so nothing leads out of the root;
 * throws that, and what the file system says.
 */
export async function makeFolders(root: string, names: readonly string[]): Promise<string> {
  let folder = root;
  for (const name of names) {
    folder = inside(folder, name);
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is not a folder`);
  }
  return folder;
}

function inside(parent: string, name: string): string {
  const folder = join(parent, name);
  if (relative(parent, folder) !== name || name === '' || name.includes('/') || name === '..')
    throw new Error(`${name} is not a name for a folder`);
  return folder;
}

async function checkDirectory(directory: string): Promise<string> {
  if (!isAbsolute(directory)) throw new Error(`${directory} is not an absolute path`);
  if (!(await stat(directory)).isDirectory()) throw new Error(`${directory} is not a folder`);
  return directory;
}
