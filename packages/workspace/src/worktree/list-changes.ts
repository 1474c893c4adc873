import { lstat } from 'node:fs/promises';
import type { Desk, Place } from './desk.ts';
import { onDisk, splitPaths } from './nested-files.ts';

interface Change {
  /** Latin1, as all paths of git here. */
  path: string;
  /** What the index has, where a plain file stays one; else null. */
  blob: string | null;
}

/**
 * The tracked paths that the work tree has otherwise, or no longer; not those that are a pipe or a socket now. A file that is the same to the byte is none of them,
 * although git, going by `.gitattributes`, may want to write it with other line ends. Throws what git says.
 */
export async function listChanges(desk: Desk, place: Place & { workTree: string }): Promise<string[]> {
  // Of a submodule only which commit it is at: to look further, git would run in it, by its settings.
  const fields = splitPaths(await desk.must(place, ['diff-files', '-z', '--ignore-submodules=dirty']));
  const changes = fields.flatMap((field, index): Change[] => {
    const row = /^:(\d{6}) (\d{6}) ([0-9a-f]+) [0-9a-f]+ ([A-Z])$/.exec(field);
    if (row === null) return [];
    const plain = row[4] === 'M' && row[1] === row[2] && row[1]?.startsWith('100') === true;
    return [{ path: fields[index + 1] ?? '', blob: plain ? (row[3] ?? null) : null }];
  });
  const readable = await dropSpecial(place.workTree, changes);
  const same = await findSame(desk, place, readable);
  return readable.map(({ path }) => path).filter((path) => !same.has(path));
}

/** Pipes, sockets and devices are nothing that git can hold, and a pipe would keep whoever reads it waiting. */
async function dropSpecial(workTree: string, changes: readonly Change[]): Promise<Change[]> {
  const found = await Promise.all(changes.map(({ path }) => lstat(onDisk(workTree, path)).catch(() => null)));
  return changes.filter((_, index) => {
    const entry = found[index];
    return !entry || entry.isFile() || entry.isSymbolicLink() || entry.isDirectory();
  });
}

async function findSame(desk: Desk, place: Place, changes: readonly Change[]): Promise<Set<string>> {
  // The command takes one path a line.
  const asked = changes.filter(({ path, blob }) => blob !== null && !/[\n"]/.test(path));
  if (asked.length === 0) return new Set();
  const input = Buffer.from(asked.map(({ path }) => `${path}\n`).join(''), 'latin1');
  const run = await desk.local(place, ['hash-object', '--no-filters', '--stdin-paths'], input);
  const oids = run.exitCode === 0 ? run.stdout.toString('latin1').split('\n') : [];
  return new Set(asked.filter(({ blob }, index) => oids[index] === blob).map(({ path }) => path));
}
