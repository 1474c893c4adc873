import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { classifyRemote } from '@errand/config';

/** Where a repository is: on a host, by the path that the host is asked for, or on this disk (`host` is null), by where its path leads. */
export interface RepositoryPlace {
  host: string | null;
  path: string;
}

/** Brings the spellings of one address together, as far as they tell. `dir` is what a path on this disk is relative to. */
export function spellRepository(remote: string, dir: string): RepositoryPlace {
  const found = classifyRemote(remote);
  switch (found.kind) {
    case 'path':
      return { host: null, path: spellPath(resolve(dir, remote)) };
    case 'ssh':
      return { host: found.host, path: spellRemotePath(remote.replace(/^(?:[^@/:]+@)?(?:\[[^\]]+\]|[^:/]+):/, '')) };
    case 'url':
      if (!URL.canParse(remote)) return { host: found.host, path: remote };
      if (found.scheme === 'file' && found.host === '') return { host: null, path: spellPath(fileURLToPath(remote)) };
      return { host: found.host, path: spellRemotePath(new URL(remote).pathname) };
    case 'helper':
      return { host: found.name, path: remote };
  }
}

/** A server has its own root and home, and lets `.git` be left out. */
function spellRemotePath(path: string): string {
  return path
    .replace(/^\/?~?\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
}

/** Git takes `queue` for `queue.git` where that is what is there, and a checkout for the `.git` in it. */
function spellPath(path: string): string {
  for (const candidate of [path, `${path}.git`]) {
    try {
      return realpathSync(candidate).replace(/\/\.git$/, '');
    } catch {}
  }
  return path;
}
