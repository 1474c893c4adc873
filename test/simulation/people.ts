import { commitOnTip, type PathChange } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { MemoryLine } from '../../packages/testing/src/memory/memory-remote.ts';
import type { World } from './world.ts';

const MAIN = 'refs/heads/main';

/** What people have asked for with one task, as the checks must know it. */
export interface Wish {
  id: string;
  /** Its text, where they took its file away and have not put it back. */
  removed: string | null;
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
      now: () => Date.UTC(2026, 10, 20, 9) + world.scheduler.nowMs,
    });
  }

  async file(): Promise<void> {
    const { scheduler } = this.#world;
    const id = this.#newId();
    const key = scheduler.chance(0.35) ? 'key: shared\n' : '';
    await this.#commit(`file ${id}`, { [`tasks/${id}.md`]: `---\nagent: command\n${key}---\nDo ${id}.\n` });
  }

  async edit(wish = this.#pickOpen()): Promise<void> {
    const text = this.#read(wish);
    if (wish === null || text === null) return;
    await this.#commit(`edit ${wish.id}`, { [`tasks/${wish.id}.md`]: this.#changed(text) });
  }

  /** Everything that is open is edited: so a task is let run that is held since the branch was moved back. */
  async editAll(): Promise<void> {
    for (const wish of this.#open()) await this.edit(wish);
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
    await this.#commit(`rename ${wish.id} to ${id}`, { [`tasks/${wish.id}.md`]: null, [`tasks/${id}.md`]: text });
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
  results(tip = this.#world.remote.refs.get(MAIN) ?? null): Map<string, { path: string; blob: string }> {
    const found = new Map<string, { path: string; blob: string }>();
    for (const [path, blob] of this.#files(tip, 'results'))
      if (path.endsWith('.md')) found.set(path.split('/')[2]?.slice(0, -3) ?? '', { path, blob });
    return found;
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
    this.wishes.set(id, { id, removed: null });
    return id;
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
    return [...this.wishes.values()].filter(({ id, removed }) => removed === null && !results.has(id));
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
