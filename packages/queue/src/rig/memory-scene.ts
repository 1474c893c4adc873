import type { Clock, View } from '@errand/planner';
import { MemoryPort, MemoryRemote } from '@errand/testing';
import { commitOnTip, type PathChange } from '../branch-edit.ts';
import { openQueue, type Queue } from '../open-queue.ts';
import type { GitPort } from '../port.ts';
import { ViewReader } from '../view-reader.ts';
import { BRANCH, type FileChanges, MAIN, must, pushAll, type Scene } from './scene.ts';

/** A remote in memory: milliseconds a test. */
export class MemoryScene implements Scene {
  readonly remote = new MemoryRemote();
  readonly #person = this.clone();

  clone(): MemoryPort {
    return new MemoryPort({ remote: this.remote, branch: BRANCH });
  }

  openQueue({ stateDir, clock }: { stateDir: string; clock: Clock }): Queue {
    return openQueue({ remote: 'memory:', branch: BRANCH, stateDir, clock, port: this.clone() });
  }

  async view(port: GitPort = this.clone(), atMs = 0): Promise<View> {
    await must(port.fetch());
    return new ViewReader(port, BRANCH).read(atMs);
  }

  async commit(files: FileChanges): Promise<string> {
    return this.#put(await this.tip(), files);
  }

  async moveBack(to: string, files: FileChanges = {}): Promise<string> {
    this.remote.refs.set(MAIN, to);
    return Object.keys(files).length === 0 ? to : this.#put(to, files);
  }

  async deleteRef(ref: string): Promise<void> {
    this.remote.refs.delete(ref);
  }

  async tip(): Promise<string | null> {
    return this.remote.refs.get(MAIN) ?? null;
  }

  async refs(): Promise<Map<string, string>> {
    return new Map([...this.remote.refs].sort());
  }

  async coordinationRefs(): Promise<string[]> {
    return [...this.remote.refs.keys()].filter((ref) => ref.startsWith('refs/errand/')).sort();
  }

  async message(ref: string): Promise<string> {
    const text = this.remote.objects.get(this.remote.refs.get(ref) ?? '')?.content.toString('utf8') ?? '';
    return text.slice(text.indexOf('\n\n') + 2);
  }

  async parents(commit: string): Promise<string[]> {
    return this.remote.objects.commit(commit)?.parents ?? [];
  }

  async files(of = this.remote.refs.get(MAIN) ?? ''): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    const commit = this.remote.objects.commit(of);
    if (commit !== null) this.#walk(commit.tree, '', files);
    return files;
  }

  async goAway(): Promise<void> {
    this.remote.goAway();
  }

  async comeBack(): Promise<void> {
    this.remote.comeBack();
  }

  async loseNextAnswer(): Promise<void> {
    this.remote.loseNextAnswer();
  }

  async refuseAll(): Promise<void> {
    this.remote.hook = () => 'hook declined';
  }

  async refuseContent(words: string): Promise<void> {
    this.remote.hook = ({ to }, objects) => {
      const brings = [...objects.within(to ?? '')].some((oid) => objects.get(oid)?.content.includes(words));
      return brings ? 'hook declined' : null;
    };
  }

  async loseObject(oid: string): Promise<() => Promise<void>> {
    const object = this.remote.objects.get(oid);
    if (object === null) throw new Error(`the remote has no ${oid}`);
    this.remote.objects.delete(oid);
    return async () => void this.remote.objects.put(object.type, object.content);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #put(tip: string | null, files: FileChanges): Promise<string> {
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
