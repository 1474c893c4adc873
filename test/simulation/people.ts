import { changeBranch, commitOnTip, type PathChange, readBlob } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { MemoryLine } from '../../packages/testing/src/memory/memory-remote.ts';
import type { Machine } from './machine.ts';
import { START_MS } from './scheduler.ts';
import type { World } from './world.ts';

const MAIN = 'refs/heads/main';
const DEPENDS = /^depends_on: .*\n/m;

/** What people have asked for with one task, as the checks must know it. */
export interface Wish {
  id: string;
  /** Its text, where they took its file away and have not put it back. */
  removed: string | null;
  /** It was delegated on a machine, and is not on the branch yet. */
  pending: boolean;
}

/** A result on the branch. */
export interface ResultFile {
  id: string;
  path: string;
  blob: string;
}

/** Their own way to the remote has no faults: what is asked at once is there. */
function handLine(world: World): MemoryLine {
  return {
    objects: world.remote.objects,
    refs: world.remote.refs,
    request: async () => null,
    push: async (updates, atomic, upload) => {
      upload();
      return { ok: true, refs: world.apply(updates, atomic, null) };
    },
  };
}

/** People with nothing but git: each act is one commit on what the remote has at that moment. */
export class People {
  readonly wishes = new Map<string, Wish>();
  readonly #world: World;
  readonly #port: MemoryPort;
  #number = 0;
  /** Where the branch was before it was moved back. */
  #left: string | null = null;
  #takenAway: { id: string; path: string; text: string } | null = null;
  /** Somebody asks for a task from the beginning, or does not want it any more: what was tried so far may be forgotten. */
  onReset: (id: string) => void = () => {};

  constructor(world: World) {
    this.#world = world;
    this.#port = new MemoryPort({
      remote: handLine(world),
      branch: 'main',
      now: () => START_MS + world.scheduler.nowMs,
    });
  }

  /** Writes the queue's file. */
  async configure(text: string): Promise<void> {
    await this.#commit('configure', { 'config/errand.yaml': text });
  }

  /** Asks for something new; gives its id. */
  async file(text = (id: string): string => this.#newText(id)): Promise<string> {
    const id = this.#newId();
    await this.#commit(`file ${id}`, { [`tasks/${id}.md`]: text(id) });
    return id;
  }

  /** The same with `errand delegate` on a machine, which promises it once it is in the outbox there. */
  delegate(machine: Machine): void {
    const id = `task-${++this.#number}`;
    const content = this.#newText(id);
    const createdAt = new Date(machine.clock.wallMs()).toISOString();
    machine.command(async ({ outbox }) => {
      await outbox.add({ id, content, subject: `add: ${id}`, createdAt, commits: [] });
      this.#world.tell('people', () => `delegate ${id} on ${machine.label}`);
      if (!this.wishes.has(id)) this.wishes.set(id, { id, removed: null, pending: true });
    });
  }

  /** These are on the branch: a command that died before it could promise one has filed it all the same. */
  see(ids: Iterable<string>): void {
    for (const id of ids) {
      const wish = this.wishes.get(id);
      if (wish) wish.pending = false;
      else this.wishes.set(id, { id, removed: null, pending: false });
    }
  }

  /** The same as an edit by hand, with `errand edit` on a machine. */
  editOn(machine: Machine): void {
    const wish = this.#pickOpen();
    if (wish === null) return;
    const path = `tasks/${wish.id}.md`;
    machine.command((queue) =>
      changeBranch(queue, async (view) => {
        const text = await readBlob(queue.port, view.tasks.get(wish.id)?.blob ?? '').catch(() => null);
        if (text === null || view.results.has(wish.id)) return { ok: false, error: 'it is not there any more' };
        const blob = await queue.port.writeBlob(this.#changed(text.toString('utf8')));
        return { ok: true, changes: [{ path, blob }], subject: `edit: ${wish.id}` };
      }),
    );
  }

  async edit(wish = this.#pickOpen()): Promise<void> {
    const text = this.#read(wish);
    if (wish === null || text === null) return;
    await this.#commit(`edit ${wish.id}`, { [`tasks/${wish.id}.md`]: this.#changed(text) });
  }

  /** What nothing else lets run: it is held since the branch was moved back, or waits for what does not come. */
  async letRun({ movedBack }: { movedBack: boolean }): Promise<void> {
    for (const wish of this.#open()) {
      const text = this.#read(wish);
      if (text === null || !(movedBack || DEPENDS.test(text))) continue;
      await this.#commit(`let ${wish.id} run`, { [`tasks/${wish.id}.md`]: this.#changed(text.replace(DEPENDS, '')) });
    }
  }

  async remove(): Promise<void> {
    const wish = this.#pickOpen();
    if (wish === null) return;
    wish.removed = this.#read(wish);
    this.onReset(wish.id);
    await this.#commit(`remove ${wish.id}`, { [`tasks/${wish.id}.md`]: null });
  }

  /** What was removed is wanted after all, as it was or otherwise. */
  async readd(): Promise<void> {
    const { scheduler } = this.#world;
    const wish = scheduler.one([...this.wishes.values()].filter(({ removed }) => removed !== null));
    const text = wish?.removed;
    if (!wish || text == null) return;
    wish.removed = null;
    await this.#commit(`put ${wish.id} back`, { [`tasks/${wish.id}.md`]: scheduler.chance(0.5) ? text : this.#changed(text) });
  }

  async rename(): Promise<void> {
    const wish = this.#pickOpen();
    const text = this.#read(wish);
    if (wish === null || text === null) return;
    const id = this.#newId();
    wish.removed = text;
    this.onReset(wish.id);
    // What waits for itself is not valid.
    const renamed = text.replace(`depends_on: [${id}]\n`, '');
    await this.#commit(`rename ${wish.id} to ${id}`, { [`tasks/${wish.id}.md`]: null, [`tasks/${id}.md`]: renamed });
  }

  /** A push by force: the branch is as it was some commits ago. */
  async moveBack(): Promise<void> {
    const { scheduler, remote } = this.#world;
    const tip = remote.refs.get(MAIN) ?? null;
    let to = tip;
    for (let steps = 1 + scheduler.pick(4); steps > 0 && to !== null; steps--) to = remote.objects.commit(to)?.parents[0] ?? null;
    if (to === null || tip === null) return;
    this.#left = tip;
    await this.#force(tip, to, 'move the branch back');
  }

  /** That was a mistake: the branch is as it was before, without what has come since. */
  async moveForward(): Promise<void> {
    const [to, tip] = [this.#left, this.#world.remote.refs.get(MAIN)];
    if (to === null || tip === undefined) return;
    this.#left = null;
    await this.#force(tip, to, 'move the branch to where it was');
  }

  /** Takes a result away: its task is open again. */
  async retry(): Promise<void> {
    const results = this.results();
    const id = this.#world.scheduler.one([...results.keys()].filter((one) => this.wishes.get(one)?.removed === null));
    const result = id === undefined ? undefined : results.get(id);
    if (id === undefined || result === undefined) return;
    this.#takenAway = { id, path: result.path, text: this.text(result.blob) };
    this.onReset(id);
    await this.#commit(`retry ${id}`, { [result.path]: null });
  }

  /** The result was good enough: it is put back, whoever is at the task by now. */
  async takeRetryBack(): Promise<void> {
    const taken = this.#takenAway;
    this.#takenAway = null;
    if (taken === null || this.results().has(taken.id)) return;
    await this.#commit(`put the result of ${taken.id} back`, { [taken.path]: taken.text });
  }

  /** Results on the branch, by id: their path and their blob. */
  results(): Map<string, ResultFile> {
    return new Map(this.resultFiles().map((file) => [file.id, file]));
  }

  /** The same, and all of them where there are several of one id. */
  resultFiles(): ResultFile[] {
    const files = this.#files(this.#world.remote.refs.get(MAIN) ?? null, 'results').filter(([path]) => path.endsWith('.md'));
    return files.map(([path, blob]) => ({ id: path.split('/')[2]?.slice(0, -3) ?? '', path, blob }));
  }

  /** Blobs of the task files on the branch, by id. */
  tasks(tip = this.#world.remote.refs.get(MAIN) ?? null): Map<string, string> {
    const files = this.#files(tip, 'tasks').filter(([path]) => path.endsWith('.md'));
    return new Map(files.map(([path, blob]) => [path.slice('tasks/'.length, -3), blob]));
  }

  text(blob: string): string {
    return this.#world.remote.objects.get(blob)?.content.toString('utf8') ?? '';
  }

  #newId(): string {
    const id = `task-${++this.#number}`;
    this.wishes.set(id, { id, removed: null, pending: false });
    return id;
  }

  /** Some exclude each other; some depend on another, which may be gone, come later, or depend on them. */
  #newText(id: string): string {
    const { scheduler } = this.#world;
    const key = scheduler.chance(0.35) ? 'key: shared\n' : '';
    const other = `task-${1 + scheduler.pick(this.#number + 1)}`;
    const depends = scheduler.chance(0.2) && other !== id ? `depends_on: [${other}]\n` : '';
    return `---\nagent: command\n${key}${depends}---\nDo ${id}.\n`;
  }

  #changed(text: string): string {
    return `${text}\nAnd ${this.#world.scheduler.pick(1_000)}.\n`;
  }

  #read(wish: Wish | null): string | null {
    const blob = wish === null ? undefined : this.tasks().get(wish.id);
    return blob === undefined ? null : this.text(blob);
  }

  #files(tip: string | null, folder: string): [path: string, blob: string][] {
    const { objects } = this.#world.remote;
    const root = tip === null ? undefined : objects.tree(objects.commit(tip)?.tree ?? '').find(({ name }) => name === folder);
    const walk = (tree: string, at: string): [string, string][] =>
      objects
        .tree(tree)
        .flatMap(({ mode, name, oid }) =>
          mode === '40000' ? walk(oid, `${at}${name}/`) : [[`${at}${name}`, oid] as [string, string]],
        );
    return root === undefined ? [] : walk(root.oid, `${folder}/`);
  }

  #open(): Wish[] {
    const results = this.results();
    return [...this.wishes.values()].filter(({ id, removed, pending }) => removed === null && !pending && !results.has(id));
  }

  #pickOpen(): Wish | null {
    return this.#world.scheduler.one(this.#open()) ?? null;
  }

  async #commit(what: string, files: { [path: string]: string | null }): Promise<void> {
    const tip = this.#world.remote.refs.get(MAIN) ?? null;
    await this.#port.fetch();
    const changes: PathChange[] = [];
    for (const [path, text] of Object.entries(files))
      changes.push({ path, blob: text === null ? null : await this.#port.writeBlob(text) });
    const to = await commitOnTip(this.#port, tip, changes, `${what}\n`);
    this.#world.tell('people', () => what);
    await this.#push(tip, to);
  }

  /** What is wanted is what the branch has then. */
  async #force(tip: string, to: string, what: string): Promise<void> {
    const tasks = this.tasks(to);
    for (const wish of this.wishes.values()) {
      if (wish.pending) continue;
      const lost = this.#read(wish) ?? wish.removed ?? '';
      wish.removed = tasks.has(wish.id) ? null : lost;
      this.onReset(wish.id);
    }
    this.#world.tell('people', () => what);
    await this.#push(tip, to);
  }

  async #push(tip: string | null, to: string): Promise<void> {
    this.#world.actsByHand = true;
    await this.#port.push([{ ref: MAIN, to, expect: tip }]);
    this.#world.actsByHand = false;
  }
}
