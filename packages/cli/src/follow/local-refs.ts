import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders of a remote on this machine's disk in which its refs change; empty for one that is elsewhere. */
export function listRefFolders(remote: string): string[] {
  const path = remote.startsWith('file:///') ? fileURLToPath(remote) : remote;
  if (!path.startsWith('/')) return [];
  const gitDir = existsSync(join(path, '.git', 'refs')) ? join(path, '.git') : path;
  return ['refs/heads', 'refs/errand', 'refs/errand/tasks', 'refs/errand/workers'].map((folder) => join(gitDir, folder));
}
