import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Person, type PersonsRemote, runCommand } from '@errand/testing';
import type { Machine } from './machine.ts';
import type { Work } from './work.ts';

const ERRAND = fileURLToPath(new URL('../../packages/cli/dist/errand.js', import.meta.url));

/** Somebody who files tasks with nothing but git, and tries again until the server has them. */
export class Filer {
  readonly #person: Person;
  /** Of each task: what was asked for. */
  readonly filed = new Map<string, Work>();
  #unpushed = false;

  private constructor(person: Person) {
    this.#person = person;
  }

  static async clone(remote: PersonsRemote, folder: string): Promise<Filer> {
    return new Filer(await Person.clone(remote, folder, 'Eve'));
  }

  /** By git alone; also pushes what could not be pushed before. */
  async file(works: readonly Work[]): Promise<void> {
    for (const work of works) {
      await this.#person.writeTask(work.id, work.text);
      this.filed.set(work.id, work);
    }
    if (works.length > 0) {
      await this.#person.commit(`file ${works.map(({ id }) => id).join(', ')}`);
      this.#unpushed = true;
    }
    await this.push();
  }

  /** True once everything has reached the server. */
  async push(): Promise<boolean> {
    if (!this.#unpushed) return true;
    const first = await this.#person.tryPush();
    if (first.exitCode !== 0) {
      await this.#person.tryGit('pull', '--quiet', '--rebase', 'origin', 'main');
      if ((await this.#person.tryPush()).exitCode !== 0) return false;
    }
    this.#unpushed = false;
    return true;
  }

  /** By `errand delegate` on a machine, over its link. */
  async delegate(machine: Machine, work: Work): Promise<void> {
    const { folder, env, remote } = machine.options;
    mkdirSync(join(folder, 'tasks'), { recursive: true });
    const file = join(folder, 'tasks', `${work.id}.md`);
    writeFileSync(file, work.text);
    this.filed.set(work.id, work);
    const argv = [ERRAND, 'delegate', work.machine ?? 'any', '--id', work.id, '--file', file];
    const settings = { ERRAND_CONFIG: join(machine.stateDir, 'config.yaml'), ERRAND_STATE_DIR: machine.stateDir };
    const run = await runCommand(process.execPath, argv, { cwd: folder, env: { ...env, ...settings, ERRAND_QUEUE: remote } });
    if (run.exitCode !== 0 || run.stdout.trim() !== work.id) {
      throw new Error(`errand delegate ended with ${run.exitCode} and said ${JSON.stringify(run.stdout)}: ${run.stderr}`);
    }
  }
}
