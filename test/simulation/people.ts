import { commitOnTip, type PathChange } from '@errand/queue';
import { MemoryPort } from '../../packages/testing/src/memory/memory-port.ts';
import type { MemoryLine } from '../../packages/testing/src/memory/memory-remote.ts';
import type { World } from './world.ts';

const MAIN = 'refs/heads/main';

/** What people have asked for with one task, as the checks must know it. */
export interface Wish {
  id: string;
  /** They took its file away, and have not put it back. */
  removed: boolean;
  /** How often they took its result away, to have it run again. */
  retries: number;
}

/** Their own way to the remote has no faults: what is asked at once is there. */
function handLine(world: World): MemoryLine {
  return {
    objects: world.remote.objects,
    refs: world.remote.refs,
    request: async () => null,
    push: async (updates, atomic, upload) => {
      upload();
      return { ok: true, refs: world.apply(updates, atomic) };
    },
  };
}

/** People with nothing but git: each act is one commit on what the remote has at that moment. */
export class People {
  readonly wishes = new Map<string, Wish>();
  readonly #world: World;
  readonly #port: MemoryPort;
  #number = 0;
  /** Somebody asks for a task from the beginning. */
  onRetry: (id: string) => void = () => {};

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
    const id = `task-${++this.#number}`;
    const key = scheduler.chance(0.35) ? 'key: shared\n' : '';
    this.wishes.set(id, { id, removed: false, retries: 0 });
    await this.#commit(`file ${id}`, { [`tasks/${id}.md`]: `---\nagent: command\n${key}---\nDo ${id}.\n` });
  }

  async edit(): Promise<void> {
    const wish = this.#pickOpen();
    const text = this.#read(`tasks/${wish?.id}.md`);
    if (wish === null || text === null) return;
    await this.#commit(`edit ${wish.id}`, { [`tasks/${wish.id}.md`]: `${text}\nAnd ${this.#world.scheduler.pick(1_000)}.\n` });
  }

  async remove(): Promise<void> {
    const wish = this.#pickOpen();
    if (wish === null) return;
    wish.removed = true;
    await this.#commit(`remove ${wish.id}`, { [`tasks/${wish.id}.md`]: null });
  }

  /** Takes a result away: its task is open again. */
  async retry(): Promise<void> {
    const results = this.results();
    const ids = [...results.keys()].filter((id) => this.wishes.get(id)?.removed === false);
    const id = ids[this.#world.scheduler.pick(ids.length)];
    const wish = id === undefined ? undefined : this.wishes.get(id);
    if (wish === undefined) return;
    wish.retries += 1;
    this.onRetry(wish.id);
    await this.#commit(`retry ${wish.id}`, { [results.get(wish.id)?.path ?? '']: null });
  }

  /** Results on the branch, by id: their path and their blob. */
  results(tip = this.#world.remote.refs.get(MAIN) ?? null): Map<string, { path: string; blob: string }> {
    const found = new Map<string, { path: string; blob: string }>();
    for (const [path, blob] of this.#files(tip, 'results'))
      if (path.endsWith('.md')) found.set(path.split('/')[2]?.slice(0, -3) ?? '', { path, blob });
    return found;
  }

  tasks(tip = this.#world.remote.refs.get(MAIN) ?? null): Set<string> {
    return new Set(
      this.#files(tip, 'tasks').flatMap(([path]) => (path.endsWith('.md') ? [path.slice('tasks/'.length, -3)] : [])),
    );
  }

  text(blob: string): string {
    return this.#world.remote.objects.get(blob)?.content.toString('utf8') ?? '';
  }

  #read(path: string): string | null {
    const blob = new Map(this.#files(this.#world.remote.refs.get(MAIN) ?? null, 'tasks')).get(path);
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

  #pickOpen(): Wish | null {
    const results = this.results();
    const open = [...this.wishes.values()].filter(({ id, removed }) => !removed && !results.has(id));
    return open[this.#world.scheduler.pick(open.length)] ?? null;
  }

  async #commit(what: string, files: { [path: string]: string | null }): Promise<void> {
    const tip = this.#world.remote.refs.get(MAIN) ?? null;
    await this.#port.fetch();
    const changes: PathChange[] = [];
    for (const [path, text] of Object.entries(files))
      changes.push({ path, blob: text === null ? null : await this.#port.writeBlob(text) });
    const to = await commitOnTip(this.#port, tip, changes, `${what}\n`);
    this.#world.tell('people', () => what);
    this.#world.actsByHand = true;
    await this.#port.push([{ ref: MAIN, to, expect: tip }]);
    this.#world.actsByHand = false;
  }
}
