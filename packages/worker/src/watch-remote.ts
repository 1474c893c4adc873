import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { watch } from 'chokidar';

/** Wakes the worker when a remote on this machine's disk changes; null where the remote is elsewhere. Only a hint: polling goes on. */
export function watchLocalRemote(remote: string, wake: () => void): { close(): Promise<void> } | null {
  const path = remote.startsWith('file://') ? decodeURIComponent(new URL(remote).pathname) : remote;
  if (!path.startsWith('/')) return null;
  const gitDir = existsSync(join(path, '.git', 'refs')) ? join(path, '.git') : path;
  if (!existsSync(join(gitDir, 'refs'))) return null;
  const watcher = watch([join(gitDir, 'refs'), join(gitDir, 'packed-refs')], {
    ignoreInitial: true,
    ignored: (file) => file.endsWith('.lock'),
  });
  watcher.on('all', () => wake());
  watcher.on('error', () => {});
  return watcher;
}
