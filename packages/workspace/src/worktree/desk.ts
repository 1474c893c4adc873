import { randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstLines } from './explain-failure.ts';
import type { Remote } from './find-remote.ts';
import { localEnvironment, networkEnvironment, SAFE_SETTINGS } from './git-environment.ts';
import { GitInterrupted, howInterrupted, repeatInterrupted, wasInterrupted } from './interrupted.ts';
import { type GitCommand, type GitRun, runGit } from './run-git.ts';

export type ObjectFormat = 'sha1' | 'sha256';

const LOCAL_MS = 10 * 60_000;
const LIST_MS = 2 * 60_000;
const PREFIX = '.desk-';
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1_000;

/** What a local command works on. */
export interface Place {
  /** The repository; default: the desk itself. */
  gitDir?: string;
  /** The work tree; commands run in it. */
  workTree?: string;
  indexFile?: string;
  /** Where objects are read and written; default: the repository's own. */
  objects?: string;
  /** A lock file that the command takes and that is nobody else's: a git that is killed leaves it. */
  lock?: string;
}

/**
 * What is not run again where it was interrupted: a half-made repository or worktree would be in the way, and packing, which takes
 * the most memory, can wait. Everything else that runs here reads, or comes to the same when it is run twice.
 */
const ONCE: ReadonlySet<string> = new Set(['init', 'worktree', 'gc']);

/**
 * A git directory that nobody else knows, for the time of one operation: no setting, hook or index in it is an agent's. It
 * borrows the objects of the repository that agents share, and those alone; an object is what its name says.
 */
export class Desk {
  readonly dir: string;
  /** The settings that git gives a new bare repository on this disk. */
  readonly config: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;

  private constructor(dir: string, config: string, env: NodeJS.ProcessEnv, signal: AbortSignal | undefined) {
    this.dir = dir;
    this.config = config;
    this.#env = env;
    this.signal = signal;
  }

  /** Makes a desk in `folder`, does `work` at it, and deletes it; `signal` ends every git that runs there. Throws what the file system says. */
  static async use<T>(
    folder: string,
    env: NodeJS.ProcessEnv,
    format: ObjectFormat,
    work: (desk: Desk) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const dir = await mkdtemp(join(folder, PREFIX));
    try {
      const config = await knownConfig(dir, env, format);
      await mkdir(join(dir, 'objects'));
      await mkdir(join(dir, 'refs'));
      await writeFile(join(dir, 'HEAD'), HEAD);
      await writeFile(join(dir, 'config'), config);
      return await work(new Desk(dir, config, env, signal));
    } finally {
      await rm(dir, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    }
  }

  /**
   * Runs git with nothing of the user's: no settings, no credentials, no network; again where it was interrupted. Throws where it
   * was interrupted to the end, since that is no answer.
   */
  async local(
    place: Place,
    args: readonly string[],
    input?: GitCommand['input'],
    settings: readonly string[] = [],
  ): Promise<GitRun> {
    const env = { ...localEnvironment(this.#env), ...this.#placed(place) };
    const cwd = place.workTree ?? this.dir;
    const command = { args: [...asArguments(settings), ...args], env, cwd, timeoutMs: LOCAL_MS };
    const runOnce = (): Promise<GitRun> => this.#run(input === undefined ? command : { ...command, input });
    const run = await (ONCE.has(args[0] ?? '') ? runOnce() : repeatInterrupted(runOnce, () => removeLocks(place)));
    if (wasInterrupted(run)) throw new GitInterrupted(`git ${args[0]} ${howInterrupted(run)}`);
    return run;
  }

  /** The same, where failing is not one of the answers: throws what git said, else gives its output. */
  async must(place: Place, args: readonly string[], input?: GitCommand['input'], settings?: readonly string[]): Promise<Buffer> {
    const run = await this.local(place, args, input, settings);
    if (run.exitCode === 0) return run.stdout;
    throw new Error(`git ${args[0]} ${this.ended ? 'was ended' : whyFailed(run)}`);
  }

  /** Runs git with the user's settings and credentials; `args` get the name by which to call the remote. */
  remote(remote: Remote, place: Place, args: (name: string) => readonly string[], timeoutMs = LIST_MS): Promise<GitRun> {
    const name = `errand-${randomBytes(6).toString('hex')}`;
    const env = { ...networkEnvironment(this.#env, remote, name), ...this.#placed(place) };
    return this.#run({ args: [...asArguments([]), ...args(name)], env, cwd: this.dir, timeoutMs });
  }

  /** Whether nobody waits for this work any more. */
  get ended(): boolean {
    return this.signal?.aborted === true;
  }

  #run(command: GitCommand): Promise<GitRun> {
    return runGit(this.signal === undefined ? command : { ...command, signal: this.signal });
  }

  #placed({ gitDir = this.dir, workTree, indexFile, objects }: Place): NodeJS.ProcessEnv {
    return {
      GIT_DIR: gitDir,
      ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
      ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
      ...(objects === undefined ? {} : { GIT_OBJECT_DIRECTORY: objects }),
    };
  }
}

/** What HEAD of a repository without a work tree says; nothing of ours reads it. */
export const HEAD = 'ref: refs/heads/main\n';

/** Deletes the desks of processes that were killed at them, a day later. */
export async function removeOldDesks(folder: string, nowMs: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(PREFIX))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (found !== null && nowMs - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { recursive: true, force: true });
  }
}

function whyFailed({ stopped, stderr }: GitRun): string {
  if (stopped === 'timed out') return 'took too long';
  return stopped === 'crashed' ? 'crashed' : `failed: ${firstLines(stderr)}`;
}

async function removeLocks({ indexFile, lock }: Place): Promise<void> {
  if (indexFile !== undefined) await rm(`${indexFile}.lock`, { force: true });
  if (lock !== undefined) await rm(lock, { force: true });
}

function asArguments(settings: readonly string[]): string[] {
  return [...SAFE_SETTINGS, ...settings].flatMap((setting) => ['-c', setting]);
}

/** Git finds out what a file system can do when it makes a repository; once for each state directory is enough. */
const configs = new Map<string, string>();

async function knownConfig(dir: string, env: NodeJS.ProcessEnv, format: ObjectFormat): Promise<string> {
  const key = `${format} ${join(dir, '..')}`;
  const known = configs.get(key);
  if (known !== undefined) return known;
  const probe = join(dir, 'probe');
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, probe];
  const command = { args, env: localEnvironment(env), cwd: dir, timeoutMs: LOCAL_MS };
  const run = await repeatInterrupted(
    () => runGit(command),
    () => rm(probe, { recursive: true, force: true }),
  );
  if (wasInterrupted(run)) throw new GitInterrupted(`git init ${howInterrupted(run)}`);
  if (run.exitCode !== 0) throw new Error(`git init failed: ${firstLines(run.stderr)}`);
  const config = await readFile(join(probe, 'config'), 'utf8');
  await rm(probe, { recursive: true, force: true });
  configs.set(key, config);
  return config;
}
