import { createHash } from 'node:crypto';
import type { GitObject, TreeEntry } from '../port.ts';

export type ObjectFormat = 'sha1' | 'sha256';

/** What git stores for an object: its header and its content; the oid is the hash of that. */
export function encodeObject(type: GitObject['type'], content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${type} ${content.byteLength}\0`), content]);
}

/** The oid of what `encodeObject` returned, in lower-case hex. */
export function hashObject(encoded: Uint8Array, format: ObjectFormat): string {
  return createHash(format).update(encoded).digest('hex');
}

/** The content of a tree object (names as latin1), sorted the way git sorts: by bytes, a folder as if its name ended in `/`. */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  const rows = entries.map(({ mode, name, oid }) => {
    if (name === '' || /[/\0\u0100-\uffff]/.test(name)) throw new Error(`not a name in a tree: ${JSON.stringify(name)}`);
    const plainMode = mode.replace(/^0+/, '');
    return {
      key: Buffer.from(plainMode === '40000' ? `${name}/` : name, 'latin1'),
      name,
      bytes: Buffer.concat([Buffer.from(`${plainMode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]),
    };
  });
  if (new Set(rows.map((row) => row.name)).size !== rows.length) throw new Error('two entries of a tree have one name');
  return Buffer.concat(rows.sort((a, b) => Buffer.compare(a.key, b.key)).map((row) => row.bytes));
}

export interface CommitFields {
  tree: string;
  parents: readonly string[];
  message: string;
  identity: { name: string; email: string };
  /** Wall clock, milliseconds. */
  at: number;
}

/** The content of a commit object, author and committer alike, in UTC. */
export function encodeCommit({ tree, parents, message, identity, at }: CommitFields): Buffer {
  if (message.includes('\0')) throw new Error('a commit message cannot hold a NUL byte');
  const person = `${clean(identity.name)} <${clean(identity.email)}> ${Math.floor(at / 1000)} +0000`;
  const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${person}`, `committer ${person}`];
  return Buffer.from(`${head.join('\n')}\n\n${message}`);
}

function clean(text: string): string {
  return text.replace(/[<>\n\0]/g, '').trim();
}
