import type { View } from '@errand/planner';
import { MemoryPort, MemoryRemote } from '@errand/testing';
import { commitOnTip, type PathChange } from '../branch-edit.ts';
import type { GitPort, RefUpdate } from '../port.ts';
import { ViewReader } from '../view-reader.ts';

const BRANCH = 'main';
const MAIN = 'refs/heads/main';

/** A remote in memory, clones of it, and a person who commits to its branch. */
export class MemoryScene {
  readonly remote = new MemoryRemote();
  readonly #person = this.clone();

  clone(): MemoryPort {
    return new MemoryPort({ remote: this.remote, branch: BRANCH });
  }

  get tip(): string | null {
    return this.remote.refs.get(MAIN) ?? null;
  }

  /** Commits these files on the tip, or takes them away (null), as a person would; gives the commit. */
  async commit(files: { [path: string]: string | null }): Promise<string> {
    return this.#put(this.tip, files);
  }

  /** Force-pushes the branch to this commit, with these files on top. */
  async moveBack(to: string, files: { [path: string]: string | null } = {}): Promise<string> {
    this.remote.refs.set(MAIN, to);
    return Object.keys(files).length === 0 ? to : this.#put(to, files);
  }

  /** What a fresh look shows. */
  async view(port: GitPort = this.clone(), atMs = 0): Promise<View> {
    await must(port.fetch());
    return new ViewReader(port, BRANCH).read(atMs);
  }

  /** The text of every file of a commit, by default the branch's tip, by path. */
  files(of: string | null = this.tip): Map<string, string> {
    const files = new Map<string, string>();
    const tip = of === null ? null : this.remote.objects.commit(of);
    if (tip !== null) this.#walk(tip.tree, '', files);
    return files;
  }

  /** The message of the commit that a ref of the remote points to. */
  message(ref: string): string {
    const text = this.remote.objects.get(this.remote.refs.get(ref) ?? '')?.content.toString('utf8') ?? '';
    return text.slice(text.indexOf('\n\n') + 2);
  }

  coordinationRefs(): string[] {
    return [...this.remote.refs.keys()].filter((ref) => ref.startsWith('refs/errand/')).sort();
  }

  async #put(tip: string | null, files: { [path: string]: string | null }): Promise<string> {
    await must(this.#person.fetch());
    const changes: PathChange[] = [];
    for (const [path, text] of Object.entries(files)) {
      changes.push({ path, blob: text === null ? null : await this.#person.writeBlob(text) });
    }
    const to = await commitOnTip(this.#person, tip, changes, `change ${Object.keys(files).join(', ')}\n`);
    await pushAll(this.#person, [{ ref: MAIN, to, expect: tip }]);
    return to;
  }

  #walk(tree: string, prefix: string, files: Map<string, string>): void {
    for (const { mode, name, oid } of this.remote.objects.tree(tree)) {
      if (mode === '40000') this.#walk(oid, `${prefix}${name}/`, files);
      else files.set(`${prefix}${name}`, this.remote.objects.get(oid)?.content.toString('utf8') ?? '');
    }
  }
}

/** Pushes and insists that all of it was accepted. */
export async function pushAll(port: GitPort, updates: readonly RefUpdate[]): Promise<void> {
  const outcome = await port.push(updates, { atomic: true });
  if (!outcome.ok) throw new Error(`the push was not accepted: ${JSON.stringify([...outcome.refs])}`);
}

/** The view's value under this key, which must be there. */
export function need<V>(map: ReadonlyMap<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} is not in the view: ${[...map.keys()].join(', ')}`);
  return value;
}

async function must(asked: Promise<{ ok: boolean }>): Promise<void> {
  if (!(await asked).ok) throw new Error('the remote did not answer');
}
