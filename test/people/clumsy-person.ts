import type { Person } from '@errand/testing';
import type { Dice } from '../rig/dice.ts';
import type { Gates } from '../rig/gates.ts';

const PUSHES = 20;
/** Long enough for git to take a changed copy for a rename. */
const PREAMBLE = Array.from({ length: 12 }, (_, line) => `# line ${line} of what somebody thought this script should say`).join(
  '\n',
);

/** Somebody who changes things at random, all of it with git, and only tasks of their own. */
export class ClumsyPerson {
  readonly #person: Person;
  readonly #prefix: string;
  readonly #dice: Dice;
  readonly #gates: Gates;
  readonly #rebases: boolean;
  /** One of them keeps the queue's file. */
  readonly #keepsConfig: boolean;
  readonly #gateOf = new Map<string, string>();
  readonly #tasks = new Set<string>();
  #count = 0;
  /** What they did, for whoever must find out why a test failed. */
  readonly diary: string[] = [];

  constructor(
    person: Person,
    prefix: string,
    dice: Dice,
    gates: Gates,
    { rebases, keepsConfig }: { rebases: boolean; keepsConfig: boolean },
  ) {
    this.#person = person;
    this.#prefix = prefix;
    this.#dice = dice;
    this.#gates = gates;
    this.#rebases = rebases;
    this.#keepsConfig = keepsConfig;
  }

  /** Writes a task that stands at a gate of its own. */
  async addTask(): Promise<string> {
    const id = this.#newId();
    this.#gateOf.set(id, id);
    await this.#writeTask(id, 1, await this.#gates.build(id));
    this.diary.push(`add ${id}`);
    return id;
  }

  /** Opens the gate of a task, whatever its name is now. */
  async openGate(id: string): Promise<void> {
    await this.#gates.open(this.#gateOf.get(id) ?? id);
  }

  /** Does a thing or two, one of them to `focus` more often than not; nothing is committed. */
  async change(focus: string): Promise<void> {
    for (let left = 1 + this.#dice.below(3); left > 0; left--) {
      const known = [...this.#tasks].sort();
      const id = this.#dice.chance(0.5) && this.#tasks.has(focus) ? focus : this.#dice.pick(known);
      if (id !== undefined) await this.#changeOne(id);
    }
    if (this.#keepsConfig && this.#dice.chance(0.5)) {
      await this.#person.write('config/errand.yaml', `defaults: { priority: ${this.#dice.below(10)} }\nx-turn: ${this.#count}\n`);
    }
  }

  async commit(): Promise<void> {
    await this.#person.git('add', '--all');
    await this.#person.git('commit', '--quiet', '--allow-empty', '--message', this.diary.at(-1) ?? 'nothing');
  }

  /** Pulls and pushes, as often as somebody else is faster. Fails where a pull does. */
  async share(): Promise<void> {
    for (let left = PUSHES; left > 0; left--) {
      const how = this.#rebases ? ['--rebase'] : ['--no-rebase', '--no-edit'];
      const pulled = await this.#person.tryGit('pull', '--quiet', ...how, 'origin', 'main');
      if (pulled.exitCode !== 0) {
        const status = await this.#person.git('status', '--short');
        throw new Error(`git pull failed: ${pulled.stdout}${pulled.stderr}\n${status}\n${this.diary.join('\n')}`);
      }
      if ((await this.#person.tryPush()).exitCode === 0) return;
    }
    throw new Error(`git push failed ${PUSHES} times`);
  }

  async #changeOne(id: string): Promise<void> {
    const [result] = await this.#resultsOf(id);
    const possible = ['edit', 'rename', 'cancel', 'add'] as const;
    const what = this.#dice.pick(result === undefined ? possible : ([...possible, 'retry', 'retry', 'forget'] as const));
    this.diary.push(`${what} ${id}`);
    switch (what) {
      case 'add':
        return this.openGate(await this.addTask());
      case 'edit': {
        const text = (await this.#person.read(`tasks/${id}.md`)) ?? '';
        const version = Number(/version (\d+)/.exec(text)?.[1]) + 1;
        return this.#person.writeTask(id, text.replace(/version \d+/, `version ${version}`));
      }
      case 'rename': {
        const to = this.#newId();
        await this.#person.writeTask(to, (await this.#person.read(`tasks/${id}.md`)) ?? '');
        await this.#person.remove(`tasks/${id}.md`);
        this.#gateOf.set(to, this.#gateOf.get(id) ?? id);
        this.#tasks.delete(id);
        return;
      }
      case 'cancel':
        return this.#removeTask(id);
      case 'retry':
        return this.#person.remove(result ?? '');
      case 'forget':
        await this.#person.remove(result ?? '');
        return this.#removeTask(id);
    }
  }

  async #removeTask(id: string): Promise<void> {
    await this.#person.remove(`tasks/${id}.md`);
    this.#tasks.delete(id);
  }

  async #resultsOf(id: string): Promise<string[]> {
    const list = await this.#person.git('ls-files', '--', `results/*/${id}.md`);
    const there = list.split('\n').filter((path) => path !== '');
    const texts = await Promise.all(there.map((path) => this.#person.read(path)));
    return there.filter((_, index) => texts[index] !== null);
  }

  async #writeTask(id: string, version: number, wait: string): Promise<void> {
    const text = `---\nagent: command\n---\n${PREAMBLE}\necho ready\n${wait}\necho "${id}, version ${version}"\n`;
    await this.#person.writeTask(id, text);
  }

  #newId(): string {
    this.#count += 1;
    const id = `${this.#prefix}-${this.#count}`;
    this.#tasks.add(id);
    return id;
  }
}
