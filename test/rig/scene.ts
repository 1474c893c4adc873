import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseResult, type Result, taskIdOfResultPath } from '@errand/task';
import {
  type CommandResult,
  hermeticEnv,
  Person,
  pathRemote,
  runCommand,
  type TemporaryDirectory,
  type TestRemote,
  temporaryDirectory,
} from '@errand/testing';
import type { WorkerEvent } from '@errand/worker';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

type SceneWorkerOptions = Omit<WorkerProcessOptions, 'remote' | 'machine' | 'stateDir' | 'env'>;

/** A remote, with people and workers who share nothing else: each has a home and folders of its own. */
export class Scene implements AsyncDisposable {
  readonly remote: TestRemote;
  /** Absolute; deleted at the end. */
  readonly folder: string;
  readonly #temporary: TemporaryDirectory;
  readonly #workers: WorkerProcess[] = [];
  #filer: Promise<Person> | null = null;

  private constructor(remote: TestRemote, temporary: TemporaryDirectory) {
    this.remote = remote;
    this.folder = temporary.path;
    this.#temporary = temporary;
  }

  static async open(openRemote: () => Promise<TestRemote> = pathRemote): Promise<Scene> {
    return new Scene(await openRemote(), temporaryDirectory());
  }

  /** Somebody with a clone of the queue. */
  person(name = 'Ada'): Promise<Person> {
    return Person.clone(this.remote, join(this.folder, `person-${name.toLowerCase()}`), name);
  }

  /** Somebody files tasks, by id, in one commit, and pushes it. */
  async file(tasks: { readonly [id: string]: string }): Promise<void> {
    const ids = Object.keys(tasks);
    this.#filer ??= this.person('Eve');
    const filer = await this.#filer;
    for (const [id, text] of Object.entries(tasks)) await filer.writeTask(id, text);
    await filer.commit(`file ${ids.join(', ')}`);
    await filer.push();
  }

  /** Starts a worker; the same machine started again finds its state directory again. */
  async worker(machine: string, options: SceneWorkerOptions = {}): Promise<WorkerProcess> {
    const env = this.machineEnv(machine);
    const worker = await WorkerProcess.start({
      remote: this.remote.url,
      machine,
      stateDir: this.stateDir(machine),
      env,
      ...options,
    });
    this.#workers.push(worker);
    return worker;
  }

  stateDir(machine: string): string {
    return join(this.folder, `machine-${machine}`, 'state');
  }

  machineEnv(machine: string): Record<string, string> {
    return { ...this.remote.env, ...hermeticEnv(join(this.folder, `machine-${machine}`)) };
  }

  /** Runs an `errand` command on a machine, as a process of its own. */
  errand(machine: string, ...args: string[]): Promise<CommandResult> {
    const env = { ...this.machineEnv(machine), ERRAND_STATE_DIR: this.stateDir(machine), ERRAND_QUEUE: this.remote.url };
    return runCommand(process.execPath, [ERRAND, ...args], { cwd: this.folder, env });
  }

  /** Every file of the branch as it is at the remote. */
  async files(branch = 'main'): Promise<string[]> {
    const list = await this.remote.repository.git('ls-tree', '-r', '--name-only', '-z', branch);
    return list.split('\0').filter((path) => path !== '');
  }

  /** The results of a task on the branch, with their paths: one, if all is well. */
  async results(id: string): Promise<{ path: string; result: Result }[]> {
    const paths = (await this.files()).filter((path) => taskIdOfResultPath(path) === id);
    return Promise.all(
      paths.map(async (path) => {
        const parsed = parseResult(path, await this.remote.repository.git('show', `main:${path}`));
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        return { path, result: parsed.value };
      }),
    );
  }

  /** The refs of the machines' plane that are about tasks and keys: none, once everything is recorded. */
  async leftovers(): Promise<string[]> {
    const refs = await this.remote.repository.refs();
    return [...refs.keys()].filter((ref) => /^refs\/errand\/(?:tasks|keys)\//.test(ref));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.#workers) await worker[Symbol.asyncDispose]();
    await this.remote[Symbol.asyncDispose]();
    await this.#temporary[Symbol.asyncDispose]();
  }
}

/** A task for the `command` agent, whose prompt is a shell script. */
export function script(text: string, keys = ''): string {
  return `---\nagent: command\n${keys === '' ? '' : `${keys}\n`}---\n${text}\n`;
}

/** An event of one type, and of one task where it has an id. */
export function isEvent<T extends WorkerEvent['type']>(
  type: T,
  id?: string,
): (event: WorkerEvent) => event is Extract<WorkerEvent, { type: T }> {
  return (event): event is Extract<WorkerEvent, { type: T }> =>
    event.type === type && (id === undefined || ('id' in event && event.id === id));
}
