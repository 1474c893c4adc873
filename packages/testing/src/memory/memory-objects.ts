import { createHash } from 'node:crypto';
import type { GitObject, TreeEntry } from '@errand/queue';

/** Objects by oid, hashed as git hashes them (SHA-1). Written apart from the real thing, to check it. */
export class MemoryObjects {
  readonly #objects = new Map<string, GitObject>();

  get(oid: string): GitObject | null {
    return this.#objects.get(oid) ?? null;
  }

  has(oid: string): boolean {
    return this.#objects.has(oid);
  }

  put(type: GitObject['type'], content: Buffer): string {
    const oid = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
    this.#objects.set(oid, { type, content });
    return oid;
  }

  delete(oid: string): void {
    this.#objects.delete(oid);
  }

  clear(): void {
    this.#objects.clear();
  }

  putTree(entries: readonly TreeEntry[]): string {
    const sortKey = ({ mode, name }: TreeEntry): Buffer => Buffer.from(mode === '40000' ? `${name}/` : name, 'latin1');
    const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
    const rows = sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]);
    return this.put('tree', Buffer.concat(rows));
  }

  putCommit(commit: { tree: string; parents: readonly string[]; message: string }, at: number): string {
    const person = `errand <errand@localhost> ${Math.floor(at / 1000)} +0000`;
    const parents = commit.parents.map((parent) => `parent ${parent}\n`).join('');
    const text = `tree ${commit.tree}\n${parents}author ${person}\ncommitter ${person}\n\n${commit.message}`;
    return this.put('commit', Buffer.from(text));
  }

  /** Tree and parents of a commit that is there. */
  commit(oid: string): { tree: string; parents: string[] } | null {
    const object = this.get(oid);
    if (object?.type !== 'commit') return null;
    const header = object.content.toString('utf8', 0, object.content.indexOf('\n\n'));
    const tree = /^tree (\w+)/.exec(header)?.[1] ?? '';
    return { tree, parents: [...header.matchAll(/^parent (\w+)/gm)].map((found) => found[1] as string) };
  }

  /** Entries of a tree that is there. */
  tree(oid: string): TreeEntry[] {
    const object = this.get(oid);
    if (object?.type !== 'tree') return [];
    const entries: TreeEntry[] = [];
    for (let at = 0; at < object.content.length; ) {
      const nul = object.content.indexOf(0, at);
      const [mode = '', ...name] = object.content.toString('latin1', at, nul).split(' ');
      entries.push({ mode, name: name.join(' '), oid: object.content.toString('hex', nul + 1, nul + 21) });
      at = nul + 21;
    }
    return entries;
  }

  /** What a commit or tree leads to within one commit: its trees and their blobs, itself included. */
  *within(oid: string): Generator<string> {
    yield oid;
    const commit = this.commit(oid);
    if (commit !== null) yield* this.within(commit.tree);
    for (const entry of this.tree(oid)) if (entry.mode !== '160000') yield* this.within(entry.oid);
  }
}
