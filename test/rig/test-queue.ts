import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseResult, type Result } from '@errand/task';
import { BareRepository, hermeticEnv, Person, type TemporaryDirectory, temporaryDirectory } from '@errand/testing';
import { endProcess, findMarked, isAlive, type ProcessIdentity, until } from './processes.ts';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.ts';

/** One line of evidence that an agent left: it ran. */
export interface Run {
  id: string;
  attempt: number;
  machine: string;
}

/** Put first in a task's script: leaves the evidence that `runs` reads. */
export const NOTE_RUN = 'echo "$ERRAND_ID $ERRAND_ATTEMPT $MACHINE" >> "$RUNS_FILE"';

/** A queue in a bare repository, a person with a checkout, and any number of machines, all in one temporary folder. */
export class TestQueue implements AsyncDisposable {
  readonly repository: BareRepository;
  readonly person: Person;
  readonly env: Record<string, string>;
  readonly #folder: TemporaryDirectory;
  readonly #workers: WorkerProcess[] = [];

  private constructor(folder: TemporaryDirectory, env: Record<string, string>, repository: BareRepository, person: Person) {
    this.#folder = folder;
    this.env = env;
    this.repository = repository;
    this.person = person;
  }

  static async open(): Promise<TestQueue> {
    const folder = temporaryDirectory();
    const env = hermeticEnv(folder.path);
    const repository = await BareRepository.init(join(folder.path, 'queue.git'), env);
    const person = await Person.clone({ url: repository.dir, env }, join(folder.path, 'person'));
    return new TestQueue(folder, env, repository, person);
  }

  /** A path in the test's own folder. */
  path(...names: string[]): string {
    return join(this.#folder.path, ...names);
  }

  /** Starts a worker process on a machine; its state directory is there again for the next one of that name. */
  async startWorker(machine: string, options: Partial<WorkerProcessOptions> = {}): Promise<WorkerProcess> {
    const agentEnv = { RUNS_FILE: this.path('runs'), MACHINE: machine, ...options.agentEnv };
    const basis = { remote: this.repository.dir, machine, stateDir: this.path(machine), env: this.env };
    const worker = await WorkerProcess.start({ ...basis, ...options, agentEnv });
    this.#workers.push(worker);
    return worker;
  }

  /** A person files tasks, by id, in one commit, and pushes it. */
  async file(tasks: { readonly [id: string]: string }): Promise<void> {
    for (const [id, text] of Object.entries(tasks)) await this.person.writeTask(id, text);
    await this.person.commit(`file ${Object.keys(tasks).length}`);
    await this.person.push();
  }

  /** A commit on top of the branch that a person has sent to the server, but not to the branch. */
  async prepareCommit(): Promise<string> {
    await this.person.pull();
    await this.person.write('notes.md', 'A note.\n');
    const commit = await this.person.commit('a note');
    await this.person.git('push', '--quiet', 'origin', `${commit}:refs/heads/prepared`);
    await this.person.git('reset', '--quiet', '--hard', 'HEAD~1');
    return commit;
  }

  /** What agents ran, from what they wrote themselves. */
  async runs(): Promise<Run[]> {
    const text = await readFile(this.path('runs'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => {
      const [id, attempt, machine] = line.split(' ');
      return id && machine ? [{ id, attempt: Number(attempt), machine }] : [];
    });
  }

  /** Coordination refs other than heartbeats: what is still under way. */
  async openRefs(): Promise<string[]> {
    const refs = await this.repository.refs();
    return [...refs.keys()].filter((ref) => ref.startsWith('refs/errand/') && !ref.startsWith('refs/errand/workers/'));
  }

  /** Every result on the branch. Throws where one cannot be read, or a commit ever changed or removed one. */
  async results(): Promise<Map<string, Result>> {
    const log = await this.repository.git('log', '--format=', '--name-status', '-m', '--first-parent', 'main', '--', 'results');
    const changes = log.split('\n').filter((line) => line !== '');
    const notAdded = changes.filter((line) => !line.startsWith('A\t'));
    if (notAdded.length > 0) throw new Error(`results were touched: ${notAdded.join(', ')}`);
    const results = new Map<string, Result>();
    for (const path of changes.map((line) => line.slice(2)).filter((path) => path.endsWith('.md'))) {
      const parsed = parseResult(path, await this.repository.git('show', `main:${path}`));
      if (!parsed.ok) throw new Error(`${path}: ${JSON.stringify(parsed.problems)}`);
      if (results.has(parsed.value.id)) throw new Error(`${parsed.value.id} was recorded twice`);
      results.set(parsed.value.id, parsed.value);
    }
    return results;
  }

  /** Whether every one of these tasks has its result and no ref is left of any. */
  async isSettled(ids: readonly string[]): Promise<boolean> {
    if ((await this.openRefs()).length > 0) return false;
    const files = await this.repository.git('ls-tree', '-r', '--name-only', 'main', 'results/').catch(() => '');
    return ids.every((id) => files.includes(`/${id}.md`));
  }

  /** The journal's files of a machine: empty once everything is told. */
  journalOf(machine: string): string[] {
    const queues = this.path(machine, 'queues');
    return readdirSync(queues).flatMap((queue) => {
      const journal = join(queues, queue, 'journal');
      try {
        return readdirSync(journal);
      } catch {
        return [];
      }
    });
  }

  /** Waits until nothing that came of this test's workers runs any more; names what stays if the test gives up first. */
  async untilNothingRuns(): Promise<void> {
    const known: ProcessIdentity[] = this.#workers.flatMap(({ family }) => family);
    await until(() => findMarked(this.#folder.path).length === 0 && !known.some(isAlive));
  }

  /** What git itself thinks of the repository: nothing, when it is sound. */
  async fsck(): Promise<string> {
    return (await this.repository.git('fsck', '--full', '--strict', '--no-dangling', '--no-progress')).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker[Symbol.asyncDispose]()));
    // A test that has failed may leave some; one that has passed has looked.
    for (const pid of findMarked(this.#folder.path)) endProcess(pid);
    await this.#folder[Symbol.asyncDispose]();
  }
}
