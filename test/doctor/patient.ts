import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadMachineConfig } from '@errand/config';
import { CHECKS, examine, type Finding } from '@errand/doctor';
import { hermeticEnv, mustRun, type TemporaryDirectory, type TestRemote, temporaryDirectory } from '@errand/testing';

/** Checks of the queue's remote: the others look at the machine that runs the tests. */
const OF_REMOTE = new Set([
  'remote',
  'custom-refs',
  'deletion',
  'leases',
  'atomic',
  'branch',
  'filters',
  'refs',
  'clone',
  'repository',
]);

/** A machine that is connected to a remote, and a doctor for the two. */
export class Patient implements AsyncDisposable {
  readonly remote: TestRemote;
  readonly env: Record<string, string>;
  readonly stateDir: string;
  readonly #folder: TemporaryDirectory;

  private constructor(remote: TestRemote, folder: TemporaryDirectory) {
    this.remote = remote;
    this.#folder = folder;
    this.env = { ...remote.env, ...hermeticEnv(folder.path) };
    this.stateDir = join(folder.path, 'state');
  }

  /** With a queue whose branch has one commit. */
  static async admit(remote: TestRemote): Promise<Patient> {
    const folder = temporaryDirectory();
    const { repository } = remote;
    const blob = (await repository.gitWith('Do it.\n', 'hash-object', '-w', '--stdin')).trim();
    const tasks = (await repository.gitWith(`100644 blob ${blob}\ta.md\n`, 'mktree')).trim();
    const tree = (await repository.gitWith(`040000 tree ${tasks}\ttasks\n`, 'mktree')).trim();
    const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@localhost'];
    const commit = (await repository.git(...identity, 'commit-tree', tree, '-m', 'a queue')).trim();
    await repository.git('update-ref', 'refs/heads/main', commit);
    const patient = new Patient(remote, folder);
    await mkdir(join(folder.path, 'home/.config/errand'), { recursive: true });
    await writeFile(join(folder.path, 'home/.config/errand/config.yaml'), `queue: ${remote.url}\nmachine: pi\n`);
    return patient;
  }

  /** What the checks of the remote say, perhaps without one of them, and with a clock that is ahead. */
  async examine({ fix = false, laterMs = 0, without = '' } = {}): Promise<Finding[]> {
    return examine({
      env: this.env,
      config: await loadMachineConfig(this.env),
      stateDir: this.stateDir,
      version: '0.1.0',
      offline: false,
      fix,
      signal: new AbortController().signal,
      checks: CHECKS.filter(({ name }) => OF_REMOTE.has(name) && name !== without),
      now: () => Date.now() + laterMs,
    });
  }

  /** Types the command that a finding prints, on the server where it says so; `REPOSITORY` is what only its owner knows. */
  async type(command: string): Promise<void> {
    const { dir } = this.remote.repository;
    const { uid, gid } = await stat(join(dir, 'objects'));
    await mustRun('sh', ['-c', command.replaceAll('REPOSITORY', dir)], {
      env: { ...this.env },
      cwd: '/',
      ...(process.getuid?.() === 0 && uid !== 0 && { as: { uid, gid } }),
    });
  }

  /** The private clones of this machine. */
  async clones(): Promise<string[]> {
    const queues = join(this.stateDir, 'queues');
    return (await readdir(queues)).map((name) => join(queues, name, 'clone'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
