import type { GitPort, TreeEntry } from './port.ts';

/** Entries of a raw tree object. `oidBytes` is 20 for SHA-1 repositories and 32 for SHA-256 ones. */
export function parseTree(content: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0) break;
    const mode = content.toString('latin1', at, space);
    const name = content.toString('latin1', space + 1, end);
    const oid = content.toString('hex', end + 1, end + 1 + oidBytes);
    entries.push({ mode, name, oid });
    at = end + 1 + oidBytes;
  }
  return entries;
}

/** The parts of a raw commit object that the queue reads. `committedAtS` is seconds since 1970. */
export interface CommitParts {
  tree: string;
  parents: string[];
  committedAtS: number;
  message: string;
}

export function parseCommit(content: Buffer): CommitParts {
  const text = content.toString('utf8');
  const split = text.indexOf('\n\n');
  const head = split < 0 ? text : text.slice(0, split);
  const parts: CommitParts = { tree: '', parents: [], committedAtS: 0, message: split < 0 ? '' : text.slice(split + 2) };
  for (const line of head.split('\n')) {
    if (line.startsWith('tree ')) parts.tree = line.slice(5);
    else if (line.startsWith('parent ')) parts.parents.push(line.slice(7));
    else if (line.startsWith('committer ')) parts.committedAtS = Number(/ (\d+) [+-]\d{4}$/.exec(line)?.[1] ?? 0);
  }
  return parts;
}

/** An object that a fetch showed is not in the clone: it is damaged, or another process has made it anew meanwhile. Whoever catches it has the clone re-made. */
export class DamagedCloneError extends Error {
  constructor(oid: string) {
    super(`object ${oid} is missing from the private clone`);
    this.name = 'DamagedCloneError';
  }
}

export async function readTree(port: GitPort, oid: string): Promise<TreeEntry[]> {
  const object = await port.read(oid);
  if (object?.type !== 'tree') throw new DamagedCloneError(oid);
  return parseTree(object.content, oid.length / 2);
}

export async function readCommit(port: GitPort, oid: string): Promise<CommitParts> {
  const object = await port.read(oid);
  if (object?.type !== 'commit') throw new DamagedCloneError(oid);
  return parseCommit(object.content);
}

/** A tree entry's name for people, from its bytes. */
export function readName({ name }: TreeEntry): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** What a blob holds, brought from the remote when the clone has not got it; null where that brings nothing, for whatever reason. */
export async function readBlob(port: GitPort, oid: string): Promise<Buffer | null> {
  const found = await findBlob(port, oid);
  return typeof found === 'string' ? null : found;
}

/** The same for who must know the reason: `gone` where the remote does not have it either, `unknown` where it could not be asked now. */
export async function findBlob(port: GitPort, oid: string): Promise<Buffer | 'gone' | 'unknown'> {
  const here = await port.read(oid);
  if (here) return here.content;
  const fetched = await port.fetchBlobs([oid]);
  return (await port.read(oid))?.content ?? (fetched.ok ? 'gone' : 'unknown');
}

/** The text of a task file for its result: empty where nobody has it any more, null where that cannot be told now. */
export async function readTaskText(port: GitPort, oid: string): Promise<string | null> {
  const found = await findBlob(port, oid);
  if (found === 'unknown') return null;
  return found === 'gone' ? '' : found.toString('utf8');
}
