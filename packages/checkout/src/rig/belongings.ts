import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Person } from '@errand/testing';

/** What a person has in a checkout at one moment. */
export interface Belongings {
  /** Content of every file in the work tree, by path. */
  files: ReadonlyMap<string, string>;
  /** Which of them a pull may not change: theirs, and whatever they have changed. */
  own: ReadonlySet<string>;
  /** What they have staged and not committed: blobs by path. */
  staged: ReadonlyMap<string, string>;
  /** All that the index holds, the same way. */
  index: ReadonlyMap<string, string>;
  /** Every commit that some ref of theirs reaches. */
  commits: ReadonlySet<string>;
  /** Where their other branches and their stash point. */
  refs: ReadonlyMap<string, string>;
  /** The branch that is checked out, and operations under way. */
  standing: string;
}

/** Files that others write, and that a pull may therefore change as long as the person has not. */
const OTHERS = /^(?:results\/|tasks\/theirs)/;
const UNDER_WAY = new Set(['MERGE_HEAD', 'index.lock', 'AUTO_MERGE']);

/** Reads all of it without git's help where git could be what has gone wrong. */
export async function listBelongings(person: Person): Promise<Belongings> {
  const status = await person.git('--no-optional-locks', 'status', '--porcelain', '-z', '--no-renames', '--untracked-files=all');
  const changed = new Set(status.split('\0').map((line) => line.slice(3)));
  const names = await readdir(person.dir, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  const own = new Set<string>();
  for (const entry of names) {
    const path = join(entry.parentPath, entry.name).slice(person.dir.length + 1);
    if (!entry.isFile() || path.startsWith('.git/')) continue;
    files.set(path, await readFile(join(person.dir, path), 'utf8'));
    if (!OTHERS.test(path) || changed.has(path)) own.add(path);
  }
  const differs = (await person.git('diff-index', '--cached', '--name-only', '-z', '--no-renames', 'HEAD')).split('\0');
  const entries = (await person.git('ls-files', '--stage', '-z')).split('\0').filter(Boolean);
  const index = new Map(entries.map((entry) => [entry.split('\t')[1] ?? '', entry.split(' ')[1] ?? '']));
  const refs = (await person.git('for-each-ref', '--format=%(refname) %(objectname)')).split('\n').filter(Boolean);
  return {
    files,
    own,
    staged: new Map([...index].filter(([path]) => differs.includes(path))),
    index,
    commits: new Set((await person.git('rev-list', '--branches', '--glob=refs/stash', 'HEAD')).split('\n').filter(Boolean)),
    refs: new Map(refs.map((line) => line.split(' ') as [string, string]).filter(([ref]) => !/^refs\/remotes|main$/.test(ref))),
    standing: [
      (await person.tryGit('symbolic-ref', 'HEAD')).stdout,
      ...(await readdir(join(person.dir, '.git'))).filter((name) => UNDER_WAY.has(name)).sort(),
    ].join(' '),
  };
}
