import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders of a remote on this machine's disk in which its refs change; empty for one that is elsewhere. */
export function listRefFolders(remote: string, branch: string): string[] {
  const path = remote.startsWith('file:///') ? fileURLToPath(remote) : remote;
  if (!path.startsWith('/')) return [];
  const gitDir = existsSync(join(path, '.git', 'refs')) ? join(path, '.git') : path;
  const heads = new Set(['refs/heads', dirname(`refs/heads/${branch}`)]);
  return [...heads, 'refs/errand', 'refs/errand/tasks', 'refs/errand/workers'].map((folder) => join(gitDir, folder));
}
